// SPDX-License-Identifier: Apache-2.0
package reflux.learner.eval;

import java.util.List;
import java.util.Optional;

/**
 * What a model's probabilities on the first reference of one item sum to.
 *
 * @param surprise −log q over the reference's tokens, in nats
 * @param tokens of the reference, its end counted
 * @param forward KL(p‖q) over the pairs, in nats; 0 without a teacher
 * @param reverse KL(q‖p) over the pairs
 * @param pairs tokens that are paired with the teacher's; 0 without a teacher
 */
public record ForcedSums(double surprise, int tokens, double forward, double reverse, int pairs) {

    /** −log q per token of all items together. */
    static double loss(List<ForcedSums> items) {
        return items.stream().mapToDouble(ForcedSums::surprise).sum() / Math.max(1, allTokens(items));
    }

    /** From the teacher, per pair of all items together. */
    static Divergence divergence(List<ForcedSums> items) {
        long pairs = items.stream().mapToLong(ForcedSums::pairs).sum();
        double rows = Math.max(1, pairs);
        return new Divergence(
                items.stream().mapToDouble(ForcedSums::forward).sum() / rows,
                items.stream().mapToDouble(ForcedSums::reverse).sum() / rows,
                pairs / (double) Math.max(1, allTokens(items)),
                pairs);
    }

    /** Empty if nothing is paired. */
    Optional<Double> klForward() {
        return pairs == 0 ? Optional.empty() : Optional.of(forward / pairs);
    }

    /** Empty if nothing is paired. */
    Optional<Double> klReverse() {
        return pairs == 0 ? Optional.empty() : Optional.of(reverse / pairs);
    }

    private static long allTokens(List<ForcedSums> items) {
        return items.stream().mapToLong(ForcedSums::tokens).sum();
    }
}
