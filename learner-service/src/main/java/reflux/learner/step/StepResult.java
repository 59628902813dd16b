// SPDX-License-Identifier: Apache-2.0
package reflux.learner.step;

import java.util.List;
import reflux.learner.align.AlignmentStats;
import reflux.learner.objective.Terms;

/**
 * What one step did.
 *
 * @param terms of the loss and of the diagnostics, over the whole step
 * @param gradientNorm global L2 norm before clipping
 * @param learningRate of the student in this step
 * @param trainedTokens response tokens of the samples
 * @param pairs of them those that pair exactly with a teacher's token
 * @param fed the fed samples' own terms
 */
public record StepResult(
        Terms terms,
        AlignmentStats alignment,
        double gradientNorm,
        double learningRate,
        long trainedTokens,
        long pairs,
        List<FedResult> fed) {
    public StepResult {
        fed = List.copyOf(fed);
    }

    public double loss() {
        return terms.loss();
    }

    /** KL(teacher‖student) per aligned token, in nats. */
    public double klPerToken() {
        return terms.value(Diagnostics.FORWARD);
    }

    /** Share of the sampled tokens that pair exactly with a teacher's token. */
    public double alignRatio() {
        return trainedTokens == 0 ? 0 : (double) pairs / trainedTokens;
    }

    /** The same two numbers of one fed sample. */
    public record FedResult(String id, double klPerToken, double alignRatio) {}
}
