// SPDX-License-Identifier: Apache-2.0
package reflux.learner;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reflux.learner.checkpoint.Checkpoint;
import reflux.learner.checkpoint.CheckpointStore;
import reflux.learner.data.Example;
import reflux.learner.data.PromptFile;
import reflux.learner.eval.EvalItem;
import reflux.learner.eval.RunEvaluation;
import reflux.learner.step.LoraSettings;
import reflux.learner.step.TrainableStudent;
import reflux.model.decoder.Lora;
import reflux.model.engine.Engine;
import reflux.model.hf.AdapterDirectory;
import reflux.model.hf.ModelDirectory;
import reflux.model.text.TextTokenizer;

/**
 * What a run reads from the disk.
 *
 * @param student the student at the run's very start; its tokenizer and settings are copied to what the run writes
 * @param evalItems of evaluations inside the run
 * @param checkpoint to go on from
 */
record RunFiles(
        ModelDirectory student,
        TextTokenizer tokenizer,
        List<Example> examples,
        List<EvalItem> evalItems,
        Optional<Checkpoint> checkpoint) {
    private static final Logger log = LoggerFactory.getLogger(RunFiles.class);
    private static final Set<String> FIXED =
            Set.of("batch_size", "gradient_accumulation_steps", "num_generations", "seed", "train_data", "use_peft");
    private static final Set<String> FREE = Set.of(
            "listen",
            "generators",
            "teachers",
            "seq_kd_generators",
            "resume",
            "threads",
            "matmul_precision",
            "output_dir",
            "max_steps",
            "max_seconds",
            "gradient_checkpointing",
            "save_steps",
            "eval_data",
            "eval_steps",
            "eval_max_items",
            "eval_teacher",
            "metric_for_best_model",
            "keep_best_n_checkpoints",
            "diagnostic_rows",
            "save_total_limit");

    /** Blocks. Throws IllegalArgumentException naming the file or key and what is wrong with it. */
    static RunFiles open(LearnerConfig config) {
        createDirectory(Path.of(config.outputDir()));
        ModelDirectory student = ModelDirectory.open(Path.of(config.student()));
        requireTargets(config.adapter(), student);
        List<Example> examples =
                PromptFile.readAll(config.trainData().stream().map(Path::of).toList());
        SourcePlan.of(config).requireResponses(examples);
        Optional<Checkpoint> checkpoint = checkpoint(config);
        checkpoint.ifPresent(found -> {
            log.info(
                    "resuming checkpoint={} step={}",
                    found.directory(),
                    found.state().step());
            compare(found.state().config(), new ObjectMapper().valueToTree(config));
        });
        return new RunFiles(
                student, student.openTokenizer(), examples, RunEvaluation.items(config.evaluation()), checkpoint);
    }

    /** Opens the student as it is to begin with, on its engine thread. */
    TrainableStudent openStudent(Engine engine, LearnerConfig config) {
        LoraSettings settings = config.adapter();
        if (!settings.usePeft()) {
            ModelDirectory weights = checkpoint
                    .map(found -> ModelDirectory.open(found.directory()))
                    .orElse(student);
            return TrainableStudent.whole(engine, weights, settings.gradientCheckpointing());
        }
        return TrainableStudent.adapted(
                engine,
                student,
                settings.adapter(),
                checkpoint.map(found -> AdapterDirectory.open(found.directory())),
                config.seed(),
                settings.gradientCheckpointing());
    }

    private static void createDirectory(Path directory) {
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw new UncheckedIOException("learner.output_dir " + directory + " cannot be made; name another", e);
        }
    }

    private static void requireTargets(LoraSettings settings, ModelDirectory student) {
        try {
            if (settings.usePeft()) {
                Lora.layout(student.config(), settings.adapter());
            }
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "learner.lora_target_modules is " + settings.loraTargetModules() + "; " + e.getMessage(), e);
        }
    }

    private static Optional<Checkpoint> checkpoint(LearnerConfig config) {
        if (config.resume().isEmpty()) {
            return Optional.empty();
        } else if (config.resume().equals("true")) {
            return new CheckpointStore(Path.of(config.outputDir()), 0).newest();
        }
        return Optional.of(CheckpointStore.open(Path.of(config.resume())));
    }

    /** What decides the order of prompts must be as it was; other changes are said. */
    private static void compare(JsonNode before, JsonNode now) {
        Iterator<String> keys = now.fieldNames();
        while (keys.hasNext()) {
            String key = keys.next();
            boolean isSame = now.get(key).equals(before.path(key))
                    || now.get(key).asText("").equals(before.path(key).asText(" "));
            if (isSame || FREE.contains(key)) {
                continue;
            }
            if (FIXED.contains(key)) {
                throw new IllegalArgumentException(
                        "learner." + key + " is " + now.get(key) + ", the checkpoint was made with " + before.path(key)
                                + "; set it back, or start anew without resume");
            }
            log.warn("resumed with another value key={} before={} now={}", key, before.path(key), now.get(key));
        }
    }
}
