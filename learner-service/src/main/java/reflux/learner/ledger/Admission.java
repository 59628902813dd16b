// SPDX-License-Identifier: Apache-2.0
package reflux.learner.ledger;

/**
 * How many rollouts may be under way: the rule that bounds staleness by pacing.
 *
 * <p>With B rollouts a step and staleness bound S, at most (S + live + 1)·B rollouts are admitted while {@code live} is the
 * newest policy version that every generator serves. A rollout admitted at {@code live = a} has no token older than version
 * a, so it must be in the step that starts from version a + S, or in an earlier one. The steps from version k on up to that
 * one have room for (a + S − k + 1)·B rollouts; {@link #owed} says how many of the older ones the step from k must therefore
 * take itself. If every step does, what is owed is never more than B: so the bound is hard, and nothing is thrown away.
 *
 * @param batchSize B, rollouts a step
 * @param maxStaleness S, in policy versions
 * @param limit rollouts of the whole run
 */
public record Admission(int batchSize, int maxStaleness, long limit) {
    public Admission {
        check("batchSize", batchSize, 1);
        check("maxStaleness", maxStaleness, 0);
        check("limit", limit, 0);
    }

    /** Rollouts that may start now, when {@code admitted} of them have started and {@code live} is served everywhere. */
    public long admit(long admitted, long live) {
        long allowed = Math.min(limit, Math.multiplyExact(maxStaleness + live + 1, (long) batchSize));
        return Math.max(0, allowed - admitted);
    }

    /**
     * How many of {@code open} rollouts the step from {@code version} must take at least, if those are all that were admitted
     * at {@code live <= upTo} and are not trained: as many as the steps after it have no room for.
     */
    public long owed(long open, long upTo, long version) {
        long roomLater = Math.max(0, upTo + maxStaleness - version) * batchSize;
        return Math.max(0, open - roomLater);
    }

    private static void check(String name, long value, long least) {
        if (value < least) {
            throw new IllegalArgumentException(name + " must be >= " + least + ", was " + value);
        }
    }
}
