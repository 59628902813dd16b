// SPDX-License-Identifier: Apache-2.0
package reflux.learner;

import reflux.learner.align.AlignmentMethod;
import reflux.learner.objective.Objective;
import reflux.learner.objective.ObjectiveSettings;
import reflux.learner.step.StepSettings;
import reflux.model.optim.LearningRate;

/** The settings of a training step, from the configuration's keys. */
final class StepSettingsOf {
    private StepSettingsOf() {}

    static StepSettings config(LearnerConfig config) {
        ObjectiveSettings keys = config.distillation();
        return new StepSettings(
                Objective.of(keys),
                AlignmentMethod.named(keys.alignment()),
                new StepSettings.Optimiser(
                        config.learningRate(),
                        keys.projectorLr(),
                        config.weightDecay(),
                        config.adamBeta1(),
                        config.adamBeta2(),
                        config.adamEpsilon()),
                schedule(config),
                config.maxGradNorm(),
                config.microBatchTokens(),
                config.evaluation().diagnosticRows(),
                keys.kdRatio() < 1);
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
