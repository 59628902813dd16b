// SPDX-License-Identifier: Apache-2.0
package reflux.learner.loss;

/**
 * What one token's share of each term weighs in the loss of the step: the term's ratio over its denominator, 0 where there is
 * none.
 *
 * @param isMasked whether t2s_kd counts agreeing pairs only
 */
record TermWeights(double ce, double t2sCe, double t2sKd, double s2tKd, boolean isMasked) {

    static TermWeights of(LossSettings settings, TermCounts counts) {
        double student = settings.spaces().hasStudent() ? settings.kdRatio() : 0;
        double teacher = settings.spaces().hasTeacher() ? settings.kdRatio() : 0;
        boolean isMasked = counts.agreement() <= settings.agreementThreshold();
        return new TermWeights(
                share(1 - settings.kdRatio(), counts.gold()),
                share(student, counts.kept()),
                share(student, isMasked ? counts.agreed() : counts.kept()),
                share(teacher, counts.kept()),
                isMasked);
    }

    private static double share(double ratio, long count) {
        return count == 0 ? 0 : ratio / count;
    }
}
