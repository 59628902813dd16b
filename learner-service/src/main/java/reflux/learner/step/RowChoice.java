// SPDX-License-Identifier: Apache-2.0
package reflux.learner.step;

import reflux.learner.ledger.Origin;
import reflux.learner.objective.Response;

/**
 * Which rows of a step are looked at by {@link Diagnostics}: a share of them, drawn by a hash of the step, the response and the
 * token, so that it does not matter how the step is split. Of fed responses all, because their clients are told of each. Pure.
 *
 * @param seed the step's number
 * @param share of the rows, from 0 to 1
 */
record RowChoice(long seed, double share) {
    static final RowChoice ALL = new RowChoice(0, 1);

    /**
     * About {@code limit} of {@code rows} rows.
     *
     * @param limit 0 = all
     */
    static RowChoice of(int limit, long rows, long seed) {
        return limit == 0 || rows <= limit ? ALL : new RowChoice(seed, (double) limit / rows);
    }

    boolean takes(Response response, int token) {
        if (share >= 1 || response.origin() == Origin.FEED) {
            return true;
        }
        long text = 31L * response.id().hashCode() + response.tokens().hashCode();
        long hash = mixed(mixed(mixed(seed) + text) + token);
        return (hash >>> 11) * 0x1p-53 < share;
    }

    /** The finaliser of SplitMix64. */
    private static long mixed(long value) {
        long z = value + 0x9E3779B97F4A7C15L;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
