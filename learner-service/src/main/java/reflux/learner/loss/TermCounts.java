// SPDX-License-Identifier: Apache-2.0
package reflux.learner.loss;

/**
 * The denominators of the loss terms. Sum them over all micro-batches (and ranks) of an optimiser step before the first is
 * evaluated: then splitting a batch changes nothing.
 *
 * @param gold rows with a gold id: denominator of ce
 * @param pairs aligned pairs
 * @param kept pairs whose teacher's prediction has an id at the student: denominator of t2s_ce and s2t_kd
 * @param agreed kept pairs where the projected teacher predicts that id: denominator of t2s_kd under agreement masking
 */
public record TermCounts(long gold, long pairs, long kept, long agreed) {
    public static final TermCounts NONE = new TermCounts(0, 0, 0, 0);

    public TermCounts plus(TermCounts other) {
        return new TermCounts(gold + other.gold, pairs + other.pairs, kept + other.kept, agreed + other.agreed);
    }

    /** Share of the kept pairs that agree; 0 of none. */
    public double agreement() {
        return kept == 0 ? 0 : (double) agreed / kept;
    }

    /** Share of the pairs that were dropped because the teacher's prediction has no id at the student; 0 of none. */
    public double mappingDrop() {
        return pairs == 0 ? 0 : (double) (pairs - kept) / pairs;
    }
}
