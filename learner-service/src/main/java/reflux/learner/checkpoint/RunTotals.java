// SPDX-License-Identifier: Apache-2.0
package reflux.learner.checkpoint;

/**
 * Sums over the steps of a run, its earlier parts included.
 *
 * @param rollouts trained
 * @param tokens sampled response tokens trained
 * @param pairs of these, those that pair exactly with a teacher's token
 * @param stalenessSum over the rollouts
 * @param truncated rollouts that ended at the longest length
 * @param seconds that the run took
 * @param firstKl KL per token of the first step, NaN before it
 * @param lastKl of the newest step
 */
public record RunTotals(
        long rollouts,
        long tokens,
        long pairs,
        long stalenessSum,
        int stalenessMax,
        long truncated,
        double seconds,
        double firstKl,
        double lastKl) {
    public static final RunTotals NONE = new RunTotals(0, 0, 0, 0, 0, 0, 0, Double.NaN, Double.NaN);

    public double stalenessMean() {
        return rollouts == 0 ? 0 : (double) stalenessSum / rollouts;
    }

    public double alignRatio() {
        return tokens == 0 ? 0 : (double) pairs / tokens;
    }
}
