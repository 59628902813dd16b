// SPDX-License-Identifier: Apache-2.0
package reflux.learner.loss;

/**
 * The terms of the loss of one micro-batch or, summed, of a step. Names as in DSKDv2.
 *
 * @param ce cross-entropy of the student with gold ids
 * @param t2sCe cross-entropy of the projected teacher with the teacher's own predictions; trains the projector
 * @param t2sKd divergence of the student from the projected teacher, in the student's vocabulary
 * @param s2tKd divergence of the projected student from the teacher, in the teacher's vocabulary
 * @param s2tAgreement kept pairs where the projected student's prediction is the student's
 * @param counts of the same rows
 */
public record LossTerms(Term ce, Term t2sCe, Term t2sKd, Term s2tKd, Term s2tAgreement, TermCounts counts) {
    public static final LossTerms NONE =
            new LossTerms(Term.NONE, Term.NONE, Term.NONE, Term.NONE, Term.NONE, TermCounts.NONE);

    public LossTerms plus(LossTerms other) {
        return new LossTerms(
                ce.plus(other.ce),
                t2sCe.plus(other.t2sCe),
                t2sKd.plus(other.t2sKd),
                s2tKd.plus(other.s2tKd),
                s2tAgreement.plus(other.s2tAgreement),
                counts.plus(other.counts));
    }

    /** t2s_kd + t2s_ce + s2t_kd. */
    public double distillation() {
        return t2sKd.value() + t2sCe.value() + s2tKd.value();
    }

    /** The loss whose gradient was taken, if these are the terms of a whole step. */
    public double loss(double kdRatio) {
        return (1 - kdRatio) * ce.value() + kdRatio * distillation();
    }
}
