// SPDX-License-Identifier: Apache-2.0
package reflux.learner.align;

/**
 * Counts of one alignment or, summed, of many. Ratios of nothing are 0.
 *
 * @param samples alignments counted
 * @param exactPairs pairs of text tokens
 * @param endPairs pairs of end-of-sequence tokens
 * @param studentTokens student's text tokens
 * @param groupedTokens student's text tokens in groups that are no exact pair
 * @param exactBytes bytes covered by exact pairs
 * @param responseBytes bytes of the responses as the student spells them
 * @param mismatches samples in which a side's tokens do not spell the response to its end
 */
public record AlignmentStats(
        long samples,
        long exactPairs,
        long endPairs,
        long studentTokens,
        long groupedTokens,
        long exactBytes,
        long responseBytes,
        long mismatches) {
    public static final AlignmentStats NONE = new AlignmentStats(0, 0, 0, 0, 0, 0, 0, 0);

    public AlignmentStats plus(AlignmentStats other) {
        return new AlignmentStats(
                samples + other.samples,
                exactPairs + other.exactPairs,
                endPairs + other.endPairs,
                studentTokens + other.studentTokens,
                groupedTokens + other.groupedTokens,
                exactBytes + other.exactBytes,
                responseBytes + other.responseBytes,
                mismatches + other.mismatches);
    }

    /** Exact pairs per student's text token. */
    public double exactPairRatio() {
        return ratio(exactPairs, studentTokens);
    }

    /** Share of the student's text tokens that are in groups of more than one token on a side. */
    public double groupRatio() {
        return ratio(groupedTokens, studentTokens);
    }

    /** Share of the response's bytes that exact pairs cover. */
    public double byteCoverage() {
        return ratio(exactBytes, responseBytes);
    }

    private static double ratio(long part, long whole) {
        return whole == 0 ? 0 : (double) part / whole;
    }
}
