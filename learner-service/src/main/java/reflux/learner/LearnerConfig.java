// SPDX-License-Identifier: Apache-2.0
package reflux.learner;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import reflux.learner.data.DataSettings;
import reflux.learner.eval.EvalSettings;
import reflux.learner.objective.ObjectiveSettings;
import reflux.learner.step.LoraSettings;

/**
 * Settings of a run. In files the keys are in snake_case, those of the last four components among the others; {@link #defaults()} has every value that a file may leave out, and
 * a file is laid over it before it is bound, because 0 means something for many keys.
 *
 * @param student Hugging Face directory of the student at the start; required
 * @param outputDir checkpoints, metrics, summary and the final student go here; required
 * @param listen {@code host:port} of the door; port 0 takes a free one
 * @param generators {@code host:port} of each generator
 * @param teachers {@code host:port} of teachers that give the LM head; any of them will do
 * @param trainData JSON lines files; may be empty where all prompts are fed
 * @param lrSchedulerType cosine, linear or constant; all warm up for warmupSteps
 * @param maxGradNorm global L2 norm at which gradients are clipped; 0 = not clipped
 * @param maxSeconds after this time nothing more is admitted, what is open is trained, and the run ends; 0 = no limit
 * @param batchSize rollouts a step, times gradient_accumulation_steps
 * @param maxStaleness hard bound of (version trained − oldest version sampled with)
 * @param publishEvery steps from one published version to the next; at most maxStaleness + 1
 * @param numGenerations rollouts of each prompt
 * @param microBatchTokens padded tokens of one forward and backward pass; splitting changes nothing
 * @param scoreDtype type in which hidden states travel: bf16, f16 or f32
 * @param saveSteps steps from one checkpoint to the next; 0 = only at the end
 * @param saveTotalLimit checkpoints that are kept; 0 = all
 * @param resume empty = start anew; true = go on from the newest checkpoint, if there is one; or a checkpoint's directory
 * @param maxItemsInFlight prompts of feed clients that may wait and run at once
 * @param matmulPrecision highest; medium lets oneDNN take over all f32 products, twice as fast on many CPUs, on those with AMX
 *     rounded to bf16; bf16_training rounds the layers' operands to bf16. One for the whole process
 */
public record LearnerConfig(
        String student,
        String outputDir,
        String listen,
        List<String> generators,
        List<String> teachers,
        List<String> trainData,
        double learningRate,
        String lrSchedulerType,
        int warmupSteps,
        double weightDecay,
        double adamBeta1,
        double adamBeta2,
        double adamEpsilon,
        double maxGradNorm,
        int maxSteps,
        int maxSeconds,
        int batchSize,
        int maxStaleness,
        int publishEvery,
        int numGenerations,
        int maxNewTokens,
        double temperature,
        int topK,
        double topP,
        int microBatchTokens,
        String scoreDtype,
        int saveSteps,
        int saveTotalLimit,
        String resume,
        int maxItemsInFlight,
        long seed,
        int threads,
        String device,
        String matmulPrecision,
        ObjectiveSettings distillation,
        DataSettings data,
        LoraSettings adapter,
        EvalSettings evaluation) {
    @SuppressWarnings("NullAway") // a key that is absent arrives as null
    public LearnerConfig {
        student = student == null ? "" : student;
        outputDir = outputDir == null ? "" : outputDir;
        listen = listen == null ? "127.0.0.1:7301" : listen;
        generators = generators == null ? List.of() : List.copyOf(generators);
        teachers = teachers == null ? List.of() : List.copyOf(teachers);
        trainData = trainData == null ? List.of() : List.copyOf(trainData);
        resume = resume == null || resume.equals("false") ? "" : resume;
    }

    /** The record that a file's keys make. */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    static LearnerConfig of(ObjectNode keys) throws JsonProcessingException {
        return FlatRecord.bind(LearnerConfig.class, keys);
    }

    /** All keys in one object. */
    @JsonValue
    ObjectNode keys() {
        return FlatRecord.keys(this);
    }

    /** Every value that a configuration may leave out. */
    public static LearnerConfig defaults() {
        return defaults(DataSettings.defaults());
    }

    /** The same for an objective: one that learns given responses only, by default has no others. */
    public static LearnerConfig defaultsFor(String objective) {
        return objective.equals("sft") ? defaults(DataSettings.givenOnly()) : defaults();
    }

    private static LearnerConfig defaults(DataSettings data) {
        return new LearnerConfig(
                "",
                "",
                "127.0.0.1:7301",
                List.of(),
                List.of(),
                List.of(),
                1e-3,
                "cosine",
                0,
                0.01,
                0.9,
                0.999,
                1e-8,
                1.0,
                100,
                0,
                64,
                2,
                1,
                1,
                64,
                1.0,
                0,
                1.0,
                8192,
                "bf16",
                0,
                2,
                "",
                256,
                42,
                1,
                "cpu",
                "highest",
                ObjectiveSettings.defaults(),
                data,
                LoraSettings.defaults(),
                EvalSettings.defaults());
    }

    /** Rollouts that one step of the optimiser takes: all micro-batches of gradient_accumulation_steps batches. */
    public int rolloutsPerStep() {
        return Math.multiplyExact(batchSize, adapter.gradientAccumulationSteps());
    }

    /** This if it can be run; else IllegalArgumentException naming key, value and remedy. */
    public LearnerConfig checked() {
        return ConfigCheck.check(this);
    }
}
