// SPDX-License-Identifier: Apache-2.0
package reflux.learner.step;

import reflux.learner.loss.LossSettings;
import reflux.learner.projector.ProjectorSettings;
import reflux.model.optim.LearningRate;

/**
 * What stays the same over the steps of a run.
 *
 * @param schedule factor of both learning rates at each step
 * @param maxGradNorm 0 = gradients are not clipped
 * @param tokenBudget padded tokens of one forward and backward pass
 */
public record StepSettings(
        LossSettings loss,
        ProjectorSettings projector,
        Optimiser optimiser,
        LearningRate schedule,
        double maxGradNorm,
        int tokenBudget) {

    /** AdamW's numbers. */
    public record Optimiser(
            double learningRate,
            double projectorLearningRate,
            double weightDecay,
            double beta1,
            double beta2,
            double epsilon) {}
}
