// SPDX-License-Identifier: Apache-2.0
package reflux.learner.loss;

/** Adds up the numerators of a micro-batch, chunk by chunk, in f64. */
final class TermSums {
    private double ce;
    private double t2sCe;
    private double t2sKd;
    private double s2tKd;
    private double s2tAgreed;

    void addGold(double sum) {
        ce += finite("ce", sum);
    }

    /** Adds what the script's method {@code pairs} returns. */
    void addPairs(double[] sums) {
        t2sCe += finite("t2s_ce", sums[0]);
        t2sKd += finite("t2s_kd", sums[1]);
        s2tKd += finite("s2t_kd", sums[2]);
        s2tAgreed += sums[3];
    }

    /** The sums over the counts of the same micro-batch; a term that the settings leave out is 0 of 0. */
    LossTerms terms(LossSettings settings, TermCounts counts, TermWeights weights) {
        long gold = settings.kdRatio() < 1 ? counts.gold() : 0;
        long student = settings.spaces().hasStudent() ? counts.kept() : 0;
        long compared = student == 0 || !weights.isMasked() ? student : counts.agreed();
        long teacher = settings.spaces().hasTeacher() ? counts.kept() : 0;
        return new LossTerms(
                new Term(ce, gold),
                new Term(t2sCe, student),
                new Term(t2sKd, compared),
                new Term(s2tKd, teacher),
                new Term(s2tAgreed, teacher),
                counts);
    }

    private static double finite(String term, double sum) {
        if (!Double.isFinite(sum)) {
            throw new ArithmeticException(term + " is " + sum
                    + ": the hidden states or heads are not finite, or one side forbids what the other demands");
        }
        return sum;
    }
}
