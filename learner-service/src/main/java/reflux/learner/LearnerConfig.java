// SPDX-License-Identifier: Apache-2.0
package reflux.learner;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.List;

/**
 * Settings of a run. In files the keys are in snake_case; {@link #defaults()} has every value that a file may leave out, and
 * a file is laid over it before it is bound, because 0 means something for many keys.
 *
 * @param student Hugging Face directory of the student at the start; required
 * @param outputDir checkpoints, metrics, summary and the final student go here; required
 * @param listen {@code host:port} of the door; port 0 takes a free one
 * @param generators {@code host:port} of each generator
 * @param teachers {@code host:port} of teachers that give the LM head; any of them will do
 * @param trainData JSON lines files; may be empty where all prompts are fed
 * @param objective dskd-v2
 * @param kdRatio r in (1 − r)·CE(gold) + r·KD; below 1 the files need responses
 * @param kdLossFn forward_kl, reverse_kl or generalised_jsd
 * @param beta teacher's weight in the generalised JSD
 * @param kdTemperature divides both logits in the divergences
 * @param projectorLr learning rate of the projector
 * @param topkVocab columns of the heads that the projector's initialisation uses; -1 = all
 * @param projectorRtol share of the largest singular value below which the projector's initialisation drops a direction; 0 =
 *     the published columns · 1.2e-7
 * @param onlyStudentSpace leave out the terms in the teacher's space
 * @param onlyTeacherSpace leave out the terms in the student's space
 * @param lrSchedulerType cosine, linear or constant; all warm up for warmupSteps
 * @param maxGradNorm global L2 norm at which gradients are clipped; 0 = not clipped
 * @param maxSeconds after this time nothing more is admitted, what is open is trained, and the run ends; 0 = no limit
 * @param batchSize rollouts a step
 * @param maxStaleness hard bound of (version trained − oldest version sampled with)
 * @param publishEvery steps from one published version to the next; at most maxStaleness + 1
 * @param numGenerations rollouts of each prompt
 * @param microBatchTokens padded tokens of one forward and backward pass; splitting changes nothing
 * @param scoreDtype type in which hidden states travel: bf16, f16 or f32
 * @param saveSteps steps from one checkpoint to the next; 0 = only at the end
 * @param saveTotalLimit checkpoints that are kept; 0 = all
 * @param resume empty = start anew; true = go on from the newest checkpoint, if there is one; or a checkpoint's directory
 * @param maxItemsInFlight prompts of feed clients that may wait and run at once
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record LearnerConfig(
        String student,
        String outputDir,
        String listen,
        List<String> generators,
        List<String> teachers,
        List<String> trainData,
        String objective,
        double kdRatio,
        String kdLossFn,
        double beta,
        double kdTemperature,
        double projectorLr,
        int topkVocab,
        double projectorRtol,
        boolean onlyStudentSpace,
        boolean onlyTeacherSpace,
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
        String device) {
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

    /** Every value that a configuration may leave out. */
    public static LearnerConfig defaults() {
        return new LearnerConfig(
                "",
                "",
                "127.0.0.1:7301",
                List.of(),
                List.of(),
                List.of(),
                "dskd-v2",
                1.0,
                "forward_kl",
                0.5,
                1.0,
                5e-4,
                -1,
                0,
                false,
                false,
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
                "cpu");
    }

    /** This if it can be run; else IllegalArgumentException naming key, value and remedy. */
    public LearnerConfig checked() {
        return ConfigCheck.check(this);
    }
}
