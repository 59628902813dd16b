// SPDX-License-Identifier: Apache-2.0
package reflux.learner;

import reflux.learner.loss.Divergence;
import reflux.learner.loss.LossSettings;
import reflux.learner.projector.ProjectorSettings;
import reflux.learner.step.StepSettings;
import reflux.model.optim.LearningRate;

/** The settings of a training step, from the configuration's keys. */
final class StepSettingsOf {
    private StepSettingsOf() {}

    static StepSettings config(LearnerConfig config) {
        Divergence divergence = Divergence.named(config.kdLossFn(), config.beta());
        return new StepSettings(
                LossSettings.of(config.kdRatio(), config.kdTemperature(), divergence),
                new ProjectorSettings(0, config.topkVocab(), 1),
                new StepSettings.Optimiser(
                        config.learningRate(),
                        config.projectorLr(),
                        config.weightDecay(),
                        config.adamBeta1(),
                        config.adamBeta2(),
                        config.adamEpsilon()),
                schedule(config),
                config.maxGradNorm(),
                config.microBatchTokens());
    }

    private static LearningRate schedule(LearnerConfig config) {
        long warmup = Math.min(config.warmupSteps(), config.maxSteps());
        return switch (config.lrSchedulerType()) {
            case "linear" -> LearningRate.linear(warmup, config.maxSteps(), 0);
            case "constant" -> LearningRate.constant(warmup);
            default -> LearningRate.cosine(warmup, config.maxSteps(), 0);
        };
    }
}
