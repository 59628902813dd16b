// SPDX-License-Identifier: Apache-2.0
package reflux.learner.policy;

/** How the rewards of a response's tokens become the credit of each token, before whitening. */
public sealed interface Credit {

    /** One number for each token, of the rewards of all tokens of one response. */
    double[] of(double[] rewards);

    /**
     * Sums of what is still to come: {@code R_t = r_t + gamma R_{t+1}}. MiniLLM (arXiv 2306.08543) divides them by the tokens
     * that are left, so that early tokens of long responses do not outweigh all others; its published code always does.
     *
     * @param gamma in [0, 1]; 0 = a token's own reward
     * @param isLengthNormalised whether R_t is divided by the number of tokens from t to the end
     */
    record Returns(double gamma, boolean isLengthNormalised) implements Credit {
        public Returns {
            requireShare("gamma", gamma);
        }

        @Override
        public double[] of(double[] rewards) {
            double[] returns = new double[rewards.length];
            double sum = 0;
            for (int t = rewards.length - 1; t >= 0; t--) {
                sum = rewards[t] + gamma * sum;
                returns[t] = isLengthNormalised ? sum / (rewards.length - t) : sum;
            }
            return returns;
        }
    }

    /**
     * IW-OPD: a token's own reward a_t, weighed by {@code 1 + gamma (1 − Σ_{s<t} |a_s| / Σ_s |a_s|)}: the further the student has
     * strayed from the teacher before a token, the less that token counts.
     *
     * @param gamma what the first token weighs above 1; in [0, 1]
     */
    record PrefixWeighted(double gamma) implements Credit {
        public PrefixWeighted {
            requireShare("gamma", gamma);
        }

        @Override
        public double[] of(double[] rewards) {
            double[] credit = weights(rewards);
            for (int t = 0; t < credit.length; t++) {
                credit[t] *= rewards[t];
            }
            return credit;
        }

        double[] weights(double[] rewards) {
            double total = 0;
            for (double reward : rewards) {
                total += Math.abs(reward);
            }
            double[] weights = new double[rewards.length];
            double before = 0;
            for (int t = 0; t < rewards.length; t++) {
                weights[t] = 1 + gamma * (total == 0 ? 1 : 1 - before / total);
                before += Math.abs(rewards[t]);
            }
            return weights;
        }
    }

    private static void requireShare(String name, double value) {
        if (!(value >= 0 && value <= 1)) {
            throw new IllegalArgumentException(name + " must be in [0, 1], was " + value);
        }
    }
}
