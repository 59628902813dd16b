// SPDX-License-Identifier: Apache-2.0
package reflux.learner.step;

import java.util.List;
import reflux.learner.align.AlignmentStats;
import reflux.learner.loss.LossTerms;

/**
 * What one step did.
 *
 * @param terms numerators and denominators over the whole step
 * @param loss (1 − r)·CE + r·KD
 * @param gradientNorm global L2 norm before clipping
 * @param learningRate of the student in this step
 * @param trainedTokens sampled response tokens
 * @param fed the fed samples' own terms
 */
public record StepResult(
        LossTerms terms,
        AlignmentStats alignment,
        double loss,
        double gradientNorm,
        double learningRate,
        long trainedTokens,
        List<FedResult> fed) {
    public StepResult {
        fed = List.copyOf(fed);
    }

    /** KL(teacher‖student) per aligned token, in nats. */
    public double klPerToken() {
        return terms.forwardKl().value();
    }

    /** Share of the sampled tokens that pair exactly with a teacher's token. */
    public double alignRatio() {
        return trainedTokens == 0 ? 0 : (double) terms.counts().pairs() / trainedTokens;
    }

    /** The same two numbers of one fed sample. */
    public record FedResult(String id, double klPerToken, double alignRatio) {}
}
