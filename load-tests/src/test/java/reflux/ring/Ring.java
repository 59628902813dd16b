// SPDX-License-Identifier: Apache-2.0
package reflux.ring;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import reflux.generator.GeneratorConfig;
import reflux.generator.GeneratorService;
import reflux.learner.LearnerConfig;
import reflux.learner.LearnerService;
import reflux.rpc.ClientSettings;
import reflux.rpc.PeerAddress;
import reflux.rpc.RpcClient;
import reflux.teacher.TeacherConfig;
import reflux.teacher.TeacherService;

/** Two teachers, a generator of the student and one of the teacher in this JVM, and learners as a test wants them. */
final class Ring implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int PROMPTS = 50;

    private final Path folder;
    private final Path teacher;
    private final Path student;
    private final String mixTeacher;
    private final Vertx vertx = Vertx.vertx();
    private final List<TeacherService> teachers = new ArrayList<>();
    private final List<LearnerService> learners = new ArrayList<>();
    private GeneratorService generator;
    private final GeneratorService answering;

    /** Of two tokenizers. */
    Ring(Path folder) throws Exception {
        this(folder, TinyModels.teacher(folder), "");
    }

    /** Of one tokenizer; the student's generator has the teacher to mix in. */
    static Ring ofOneTokenizer(Path folder) throws Exception {
        Path twin = TinyModels.twin(folder);
        return new Ring(folder, twin, twin.toString());
    }

    private Ring(Path folder, Path teacher, String mixTeacher) throws Exception {
        this.folder = folder;
        this.teacher = teacher;
        this.mixTeacher = mixTeacher;
        this.student = TinyModels.student(folder);
        Files.writeString(
                folder.resolve("prompts.jsonl"),
                IntStream.range(0, PROMPTS)
                        .mapToObj(i -> "{\"prompt\": \"hello world " + i + "\", \"response\": \"HH AH0 L OW1\"}")
                        .collect(Collectors.joining("\n")));
        for (int i = 0; i < 2; i++) {
            teachers.add(await(TeacherService.start(vertx, TeacherConfig.of(teacher))));
        }
        this.generator = await(startGenerator(0));
        this.answering = await(startAnswering());
    }

    /** Where the teacher's weights can be sampled from. */
    String answering() {
        return "127.0.0.1:" + answering.port();
    }

    Vertx vertx() {
        return vertx;
    }

    /** What the run of this name leaves. */
    Path output(String run) {
        return folder.resolve(run);
    }

    void killTeacher() throws Exception {
        await(teachers.get(1).close());
    }

    /** Another one, with the base weights, at the same place. */
    void replaceGenerator() throws Exception {
        int port = generator.port();
        generator.close();
        this.generator = await(startGenerator(port));
    }

    /** @param overrides JSON of what differs from a run of 8 rollouts a step */
    LearnerService learner(String run, String overrides) throws Exception {
        ObjectNode config = JSON.valueToTree(LearnerConfig.defaults());
        config.put("student", student.toString())
                .put("output_dir", output(run).toString())
                .put("listen", "127.0.0.1:0")
                .put("batch_size", 8)
                .put("max_new_tokens", 12)
                .put("micro_batch_tokens", 200);
        config.putArray("generators").add("127.0.0.1:" + generator.port());
        ArrayNode addresses = config.putArray("teachers");
        teachers.forEach(teacher -> addresses.add("127.0.0.1:" + teacher.port()));
        config.putArray("train_data").add(folder.resolve("prompts.jsonl").toString());
        config.setAll((ObjectNode) JSON.readTree(overrides));
        LearnerService learner = await(
                LearnerService.start(vertx, JSON.treeToValue(config, LearnerConfig.class), new SimpleMeterRegistry()));
        learners.add(learner);
        return learner;
    }

    RpcClient client(LearnerService learner) {
        return RpcClient.create(vertx, new PeerAddress("127.0.0.1", learner.port()), ClientSettings.defaults());
    }

    private Future<GeneratorService> startGenerator(int port) throws IOException {
        ObjectNode config = JSON.valueToTree(GeneratorConfig.defaults());
        config.put("model", student.toString())
                .put("listen", "127.0.0.1:" + port)
                .put("slots", 8)
                .put("maxLength", 64)
                .put("mixTeacher", mixTeacher);
        ArrayNode addresses = config.putArray("teachers");
        teachers.forEach(teacher -> addresses.add("127.0.0.1:" + teacher.port()));
        return GeneratorService.start(vertx, JSON.treeToValue(config, GeneratorConfig.class));
    }

    private Future<GeneratorService> startAnswering() throws IOException {
        ObjectNode config = JSON.valueToTree(GeneratorConfig.defaults());
        config.put("model", teacher.toString())
                .put("listen", "127.0.0.1:0")
                .put("slots", 8)
                .put("maxLength", 64);
        return GeneratorService.start(vertx, JSON.treeToValue(config, GeneratorConfig.class));
    }

    static <T> T await(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(200, TimeUnit.SECONDS);
    }

    @Override
    public void close() throws Exception {
        for (LearnerService learner : learners) {
            await(learner.close());
        }
        generator.close();
        answering.close();
        for (TeacherService teacher : teachers) {
            await(teacher.close());
        }
        await(vertx.close());
    }
}
