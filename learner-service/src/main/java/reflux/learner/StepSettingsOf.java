// SPDX-License-Identifier: Apache-2.0
package reflux.learner;

import reflux.learner.loss.Divergence;
import reflux.learner.loss.LossSettings;
import reflux.learner.loss.Spaces;
import reflux.learner.projector.ProjectorSettings;
import reflux.learner.step.StepSettings;
import reflux.model.optim.LearningRate;

/** The settings of a training step, from the configuration's keys. */
final class StepSettingsOf {
    /** The published threshold: t2s_kd counts the agreeing rows alone, whatever their share. */
    private static final double ALWAYS_AGREEING = 1;

    private static final int CHUNK_ROWS = 1024;

    private StepSettingsOf() {}

    static StepSettings config(LearnerConfig config) {
        Divergence divergence = Divergence.named(config.kdLossFn(), config.beta());
        return new StepSettings(
                new LossSettings(
                        config.kdRatio(),
                        config.kdTemperature(),
                        divergence,
                        spaces(config),
                        ALWAYS_AGREEING,
                        CHUNK_ROWS),
                new ProjectorSettings(config.projectorRtol(), config.topkVocab(), 1),
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

    private static Spaces spaces(LearnerConfig config) {
        if (config.onlyStudentSpace()) {
            return Spaces.STUDENT;
        }
        return config.onlyTeacherSpace() ? Spaces.TEACHER : Spaces.BOTH;
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
