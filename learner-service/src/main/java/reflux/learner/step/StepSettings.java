// SPDX-License-Identifier: Apache-2.0
package reflux.learner.step;

import reflux.learner.align.AlignmentMethod;
import reflux.learner.objective.Objective;
import reflux.model.optim.LearningRate;

/**
 * What stays the same over the steps of a run.
 *
 * @param objective what is trained
 * @param alignment how tokens pair where the tokenizers differ
 * @param schedule factor of both learning rates at each step
 * @param maxGradNorm 0 = gradients are not clipped
 * @param tokenBudget padded tokens of one forward and backward pass
 * @param diagnosticRows about how many rows of a step the diagnostics look at; 0 = all
 * @param hasGold whether the gold responses of sampled prompts are learned in the same step
 */
public record StepSettings(
        Objective objective,
        AlignmentMethod alignment,
        Optimiser optimiser,
        LearningRate schedule,
        double maxGradNorm,
        int tokenBudget,
        int diagnosticRows,
        boolean hasGold) {

    /** AdamW's numbers. */
    public record Optimiser(
            double learningRate,
            double projectorLearningRate,
            double weightDecay,
            double beta1,
            double beta2,
            double epsilon) {}
}
