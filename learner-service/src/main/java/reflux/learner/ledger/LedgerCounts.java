// SPDX-License-Identifier: Apache-2.0
package reflux.learner.ledger;

/**
 * Where the rollouts of a run are.
 *
 * @param lost issued and neither trained, refused nor open; 0 unless there is a bug
 * @param duplicated trained more than once; 0 unless there is a bug
 * @param lateResults results that came for an id that was no longer outstanding, and were ignored
 */
public record LedgerCounts(
        long issued,
        long trained,
        long refused,
        int outstanding,
        int accepted,
        long lost,
        long duplicated,
        long lateResults) {}
