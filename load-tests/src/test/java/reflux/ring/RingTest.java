// SPDX-License-Identifier: Apache-2.0
package reflux.ring;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import reflux.generator.GeneratorConfig;
import reflux.generator.GeneratorService;
import reflux.learner.LearnerConfig;
import reflux.learner.LearnerService;
import reflux.learner.RunSummary;
import reflux.model.hf.ModelDirectory;
import reflux.teacher.TeacherConfig;
import reflux.teacher.TeacherService;

@Timeout(120)
class RingTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path folder;

    private final Vertx vertx = Vertx.vertx();
    private Path teacherModel = Path.of("");
    private Path studentModel = Path.of("");
    private Path prompts = Path.of("");

    @BeforeEach
    void writeModels() throws IOException {
        teacherModel = TinyModels.teacher(folder);
        studentModel = TinyModels.student(folder);
        prompts = folder.resolve("prompts.jsonl");
        Files.writeString(
                prompts,
                IntStream.range(0, 50)
                        .mapToObj(i -> "{\"prompt\": \"hello world " + i + "\"}")
                        .collect(Collectors.joining("\n")));
    }

    @AfterEach
    void closeVertx() throws Exception {
        await(vertx.close());
    }

    @Test
    void twoTeachersOneGenerator_trainEveryRolloutOnceWithinTheBound() throws Exception {
        TeacherService first = await(TeacherService.start(vertx, TeacherConfig.of(teacherModel)));
        TeacherService second = await(TeacherService.start(vertx, TeacherConfig.of(teacherModel)));
        GeneratorService generator = await(generator(List.of(first.port(), second.port())));
        LearnerService learner = await(LearnerService.start(
                vertx, learner(generator.port(), first.port(), "{\"max_steps\": 12}"), new SimpleMeterRegistry()));

        RunSummary summary = await(learner.completion());

        assertThat(summary.completed()).isTrue();
        assertThat(summary.steps()).isEqualTo(12);
        assertThat(summary.rolloutsIssued()).isEqualTo(96).isEqualTo(summary.rolloutsTrained());
        assertThat(summary.lost()).isZero();
        assertThat(summary.duplicated()).isZero();
        assertThat(summary.open()).isZero();
        assertThat(summary.stalenessMax()).isBetween(1, 2);
        assertThat(summary.klPerTokenLast()).isFinite().isPositive();
        assertThat(summary.alignRatio()).isBetween(0.01, 1.0);
        assertThat(ModelDirectory.open(Path.of(summary.studentDir())).config().family())
                .isEqualTo("gpt2");
        assertThat(Files.readAllLines(folder.resolve("run/metrics.jsonl"))).hasSize(12);
        await(learner.close());
        generator.close();
        await(first.close());
        await(second.close());
    }

    private Future<GeneratorService> generator(List<Integer> teachers) throws IOException {
        ObjectNode config = JSON.valueToTree(GeneratorConfig.defaults());
        config.put("model", studentModel.toString())
                .put("listen", "127.0.0.1:0")
                .put("slots", 8);
        config.put("maxLength", 64);
        ArrayNode addresses = config.putArray("teachers");
        teachers.forEach(port -> addresses.add("127.0.0.1:" + port));
        return GeneratorService.start(vertx, JSON.treeToValue(config, GeneratorConfig.class));
    }

    private LearnerConfig learner(int generator, int teacher, String overrides) throws IOException {
        ObjectNode config = JSON.valueToTree(LearnerConfig.defaults());
        config.put("student", studentModel.toString())
                .put("output_dir", folder.resolve("run").toString())
                .put("listen", "127.0.0.1:0")
                .put("batch_size", 8)
                .put("max_new_tokens", 12)
                .put("micro_batch_tokens", 200);
        config.putArray("generators").add("127.0.0.1:" + generator);
        config.putArray("teachers").add("127.0.0.1:" + teacher);
        config.putArray("train_data").add(prompts.toString());
        config.setAll((ObjectNode) JSON.readTree(overrides));
        return JSON.treeToValue(config, LearnerConfig.class);
    }

    private static <T> T await(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
    }
}
