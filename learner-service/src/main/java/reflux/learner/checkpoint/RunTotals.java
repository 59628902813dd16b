// SPDX-License-Identifier: Apache-2.0
package reflux.learner.checkpoint;

import java.util.Map;
import java.util.TreeMap;
import reflux.learner.ledger.Origin;

/**
 * Sums over the steps of a run, its earlier parts included.
 *
 * @param rollouts trained
 * @param tokens sampled response tokens trained
 * @param pairs of these, those that pair exactly with a teacher's token
 * @param stalenessSum over the rollouts that were not replayed, as is stalenessMax
 * @param truncated rollouts that ended at the longest length
 * @param seconds that the run took
 * @param firstKl KL per token of the first step, NaN before it
 * @param lastKl of the newest step
 * @param origins rollouts trained by the label of their origin
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
        double lastKl,
        Map<String, Long> origins) {
    public static final RunTotals NONE = new RunTotals(0, 0, 0, 0, 0, 0, 0, Double.NaN, Double.NaN, Map.of());

    @SuppressWarnings("NullAway") // a key that is absent arrives as null
    public RunTotals {
        origins = origins == null ? Map.of() : Map.copyOf(origins);
    }

    /** {@link #origins} with those of a step. */
    public Map<String, Long> originsAnd(Map<String, Long> step) {
        Map<String, Long> sum = new TreeMap<>(origins);
        step.forEach((origin, count) -> sum.merge(origin, count, Long::sum));
        return sum;
    }

    /** Over the rollouts that were not replayed. */
    public double stalenessMean() {
        long counted = rollouts - origins.getOrDefault(Origin.REPLAY.label(), 0L);
        return counted == 0 ? 0 : (double) stalenessSum / counted;
    }

    public double alignRatio() {
        return tokens == 0 ? 0 : (double) pairs / tokens;
    }
}
