// SPDX-License-Identifier: Apache-2.0
package reflux.learner;

import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import reflux.learner.align.AlignmentMethod;
import reflux.learner.data.DataSettings;
import reflux.learner.eval.EvalMetric;
import reflux.learner.eval.EvalSettings;
import reflux.learner.objective.Needs;
import reflux.learner.objective.Objective;
import reflux.learner.objective.ObjectiveSettings;
import reflux.learner.step.LoraSettings;

/** What is checked of a {@link LearnerConfig} before anything is opened. */
final class ConfigCheck {
    private ConfigCheck() {}

    static LearnerConfig check(LearnerConfig config) {
        paths(config);
        objective(config);
        optimiser(config);
        pacing(config);
        sampling(config);
        weights(config);
        data(config);
        adapter(config.adapter());
        evaluation(config.evaluation());
        return config;
    }

    private static void paths(LearnerConfig config) {
        require(!config.student().isBlank(), "student", "''", "name the student's Hugging Face directory");
        require(!config.outputDir().isBlank(), "output_dir", "''", "name a directory for checkpoints and results");
        addresses("listen", List.of(config.listen()), 0);
        addresses("generators", config.generators(), 1);
    }

    private static void objective(LearnerConfig config) {
        ObjectiveSettings keys = config.distillation();
        oneOf("score_dtype", config.scoreDtype(), Set.of("bf16", "f16", "f32"));
        within("kd_ratio", keys.kdRatio(), 0, 1);
        require(keys.kdTemperature() > 0, "kd_temperature", keys.kdTemperature(), "set a number above 0");
        below1("label_smoothing", keys.labelSmoothing());
        Objective.of(keys);
        AlignmentMethod.named(keys.alignment());
        boolean hasData = keys.kdRatio() == 1 || !config.trainData().isEmpty();
        require(hasData, "kd_ratio", keys.kdRatio(), "set it to 1, or name train_data with gold responses");
    }

    private static void optimiser(LearnerConfig config) {
        oneOf("lr_scheduler_type", config.lrSchedulerType(), Set.of("cosine", "linear", "constant"));
        notNegative("learning_rate", config.learningRate());
        notNegative("projector_lr", config.distillation().projectorLr());
        notNegative("weight_decay", config.weightDecay());
        notNegative("max_grad_norm", config.maxGradNorm());
        notNegative("warmup_steps", config.warmupSteps());
        below1("adam_beta1", config.adamBeta1());
        below1("adam_beta2", config.adamBeta2());
        require(config.adamEpsilon() > 0, "adam_epsilon", config.adamEpsilon(), "set a number above 0");
    }

    private static void pacing(LearnerConfig config) {
        atLeast1("max_steps", config.maxSteps());
        atLeast1("batch_size", config.batchSize());
        atLeast1("publish_every", config.publishEvery());
        atLeast1("micro_batch_tokens", config.microBatchTokens());
        atLeast1("max_items_in_flight", config.maxItemsInFlight());
        atLeast1("threads", config.threads());
        oneOf("matmul_precision", config.matmulPrecision(), Set.of("highest", "high", "medium", "bf16_training"));
        notNegative("max_staleness", config.maxStaleness());
        notNegative("max_seconds", config.maxSeconds());
        notNegative("save_steps", config.saveSteps());
        notNegative("save_total_limit", config.saveTotalLimit());
        require(
                config.publishEvery() <= config.maxStaleness() + 1,
                "publish_every",
                config.publishEvery(),
                "set it to at most max_staleness + 1 = " + (config.maxStaleness() + 1)
                        + ", or no rollout could be young enough");
    }

    private static void sampling(LearnerConfig config) {
        atLeast1("num_generations", config.numGenerations());
        atLeast1("max_new_tokens", config.maxNewTokens());
        notNegative("temperature", config.temperature());
        notNegative("top_k", config.topK());
        within("top_p", config.topP(), 0, 1);
    }

    /** Samplers report probabilities at temperature 1 among all tokens, so that is what may be sampled from. */
    private static void weights(LearnerConfig config) {
        Objective objective = Objective.of(config.distillation());
        if (!objective.weighsSamples()) {
            return;
        }
        String why = ", because " + objective.name() + " weighs tokens by their probability at temperature 1 among all";
        require(config.temperature() == 1, "temperature", config.temperature(), "set 1" + why);
        require(config.topK() == 0, "top_k", config.topK(), "set 0" + why);
        require(config.topP() == 1, "top_p", config.topP(), "set 1" + why);
        boolean isSampled = config.data().lmbda() == 1 && !config.data().adaptiveThreshold();
        require(
                isSampled || objective.needs().signal() == Needs.Signal.HIDDEN_STATES,
                isSampled || config.data().lmbda() == 1 ? "adaptive_threshold" : "lmbda",
                config.data().lmbda() == 1 ? true : config.data().lmbda(),
                "let the student answer all prompts, or set objective minillm with single_step: without it a given"
                        + " response teaches nothing");
    }

    private static void data(LearnerConfig config) {
        DataSettings keys = config.data();
        boolean isAdaptive = keys.adaptiveThreshold();
        boolean isTeacherNeeded = Objective.of(config.distillation()).needs().signal() != Needs.Signal.NONE;
        addresses("teachers", config.teachers(), isTeacherNeeded ? 1 : 0);
        require(
                isTeacherNeeded || keys.lmbda() == 0 && keys.replayRatio() == 0 && !isAdaptive,
                "objective",
                "'" + config.distillation().objective() + "'",
                "set lmbda to 0, and leave replay_ratio and adaptive_threshold off, because it learns given responses only");
        within("lmbda", keys.lmbda(), 0, 1);
        below1("replay_ratio", keys.replayRatio());
        atLeast1("replay_capacity", keys.replayCapacity());
        notNegative("replay_max_age", keys.replayMaxAge());
        within("init_threshold", keys.initThreshold(), 0, 1);
        notNegative("loss_eps", keys.lossEps());
        below1("teacher_mix", keys.teacherMix());
        addresses("seq_kd_generators", keys.seqKdGenerators(), keys.seqKd() ? 1 : 0);
        require(
                !(config.trainData().isEmpty() && (keys.lmbda() < 1 || isAdaptive)),
                isAdaptive ? "adaptive_threshold" : "lmbda",
                isAdaptive ? true : keys.lmbda(),
                "name train_data, because fed prompts are always answered by the student");
        require(
                !isAdaptive || keys.lmbda() == 1 && keys.replayRatio() == 0,
                "adaptive_threshold",
                true,
                "leave lmbda at 1 and replay_ratio at 0, because the threshold decides instead of them");
        boolean isEvaluated = config.evaluation().evalSteps() > 0
                && !config.evaluation().evalData().isEmpty();
        require(
                !isAdaptive || isEvaluated,
                "adaptive_threshold",
                true,
                "set eval_data and eval_steps, because evaluations move the threshold");
    }

    private static void adapter(LoraSettings keys) {
        atLeast1("gradient_accumulation_steps", keys.gradientAccumulationSteps());
        atLeast1("lora_r", keys.loraR());
        require(keys.loraAlpha() > 0, "lora_alpha", keys.loraAlpha(), "set a number above 0");
        below1("lora_dropout", keys.loraDropout());
        require(
                !keys.loraTargetModules().isEmpty(),
                "lora_target_modules",
                keys.loraTargetModules(),
                "name modules, or all-linear");
    }

    private static void evaluation(EvalSettings keys) {
        notNegative("eval_steps", keys.evalSteps());
        notNegative("eval_max_items", keys.evalMaxItems());
        notNegative("keep_best_n_checkpoints", keys.keepBestNCheckpoints());
        notNegative("diagnostic_rows", keys.diagnosticRows());
        oneOf(
                "metric_for_best_model",
                keys.metricForBestModel(),
                Arrays.stream(EvalMetric.values()).map(EvalMetric::key).collect(Collectors.toSet()));
        require(
                keys.evalSteps() == 0 || !keys.evalData().isBlank(),
                "eval_steps",
                keys.evalSteps(),
                "name eval_data, or set it to 0");
        int best = keys.keepBestNCheckpoints();
        require(best == 0 || keys.evalSteps() > 0, "keep_best_n_checkpoints", best, "set eval_steps and eval_data");
        boolean isKnown = !EvalMetric.named(keys.metricForBestModel()).needsTeacher()
                || !keys.evalTeacher().isBlank();
        require(
                best == 0 || isKnown,
                "metric_for_best_model",
                "'" + keys.metricForBestModel() + "'",
                "name eval_teacher, or choose a metric without a teacher, such as per or rouge_l");
    }

    private static void addresses(String key, Collection<String> addresses, int least) {
        require(addresses.size() >= least, key, addresses, "name at least one host:port");
        for (String address : addresses) {
            require(
                    address.matches("[^\\s]+:\\d{1,5}"),
                    key,
                    "'" + address + "'",
                    "write it as host:port, such as 127.0.0.1:7201");
        }
    }

    private static void oneOf(String key, String value, Set<String> allowed) {
        require(
                allowed.contains(value),
                key,
                "'" + value + "'",
                "use " + String.join(" or ", allowed.stream().sorted().toList()));
    }

    private static void within(String key, double value, double least, double most) {
        require(value >= least && value <= most, key, value, "set a number from " + least + " to " + most);
    }

    private static void below1(String key, double value) {
        require(value >= 0 && value < 1, key, value, "set a number from 0 to below 1");
    }

    private static void atLeast1(String key, int value) {
        require(value >= 1, key, value, "set a whole number of at least 1");
    }

    private static void notNegative(String key, double value) {
        require(value >= 0 && Double.isFinite(value), key, value, "set a number that is not negative");
    }

    private static void require(boolean holds, String key, Object value, String remedy) {
        if (!holds) {
            throw new IllegalArgumentException("learner." + key + " is " + value + "; " + remedy);
        }
    }
}
