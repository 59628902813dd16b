// SPDX-License-Identifier: Apache-2.0
package reflux.learner.policy;

/**
 * What a sampled token earns: {@code (ln p − ln q) / scaling}, cut to ±limit. Its mean over samples of q is −KL(q‖p) / scaling.
 * As MiniLLM's reward (arXiv 2306.08543, section 2.2).
 *
 * @param scaling divides the reward; > 0
 * @param limit largest absolute reward after the division; > 0
 */
public record Rewards(double scaling, double limit) {
    public Rewards {
        if (!(scaling > 0 && scaling < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("scaling must be > 0, was " + scaling);
        }
        if (!(limit > 0)) {
            throw new IllegalArgumentException("limit must be > 0, was " + limit);
        }
    }

    /**
     * The rewards of a response.
     *
     * @param teacher ln p of each token
     * @param student ln q of each token under the policy that sampled it
     */
    public double[] of(double[] teacher, double[] student) {
        double[] rewards = new double[teacher.length];
        for (int t = 0; t < rewards.length; t++) {
            double reward = (teacher[t] - student[t]) / scaling;
            rewards[t] = Math.max(-limit, Math.min(limit, reward));
        }
        return rewards;
    }
}
