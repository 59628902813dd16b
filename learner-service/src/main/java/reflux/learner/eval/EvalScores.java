// SPDX-License-Identifier: Apache-2.0
package reflux.learner.eval;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How good a model is on test items: its greedy responses against the references, and its probabilities on the first
 * reference of each.
 *
 * @param rates edits and wrong responses
 * @param rougeL mean F-measure, from 0 to 1
 * @param exactMatch share of the responses that are a reference, from 0 to 1
 * @param loss −log q per token of the first references, their ends counted, in nats
 * @param divergence from the teacher, if there is one
 */
public record EvalScores(
        ErrorRates rates, double rougeL, double exactMatch, double loss, Optional<Divergence> divergence) {

    static EvalScores of(List<EvalItem> items, List<ModelEvaluation.Measured> measured, boolean hasTeacher) {
        List<String> responses =
                measured.stream().map(ModelEvaluation.Measured::text).toList();
        List<ForcedSums> forced =
                measured.stream().map(ModelEvaluation.Measured::forced).toList();
        return new EvalScores(
                ErrorRates.of(items, responses),
                RougeL.mean(items, responses),
                ExactMatch.mean(items, responses),
                ForcedSums.loss(forced),
                hasTeacher ? Optional.of(ForcedSums.divergence(forced)) : Optional.empty());
    }

    /** By the metrics' names, in their order; without a teacher those that need one are left out. */
    public Map<String, Double> named() {
        Map<String, Double> named = new LinkedHashMap<>();
        for (EvalMetric metric : EvalMetric.values()) {
            metric.of(this).ifPresent(value -> named.put(metric.key(), value));
        }
        return named;
    }
}
