// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.bench.ring;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import reflux.generator.GeneratorConfig;
import reflux.generator.GeneratorService;
import reflux.learner.LearnerConfig;
import reflux.learner.objective.ObjectiveSettings;
import reflux.rpc.EventLoops;
import reflux.rpc.PeerAddress;
import reflux.teacher.TeacherConfig;
import reflux.teacher.TeacherService;

/** A teacher and a generator of a student in this process, for rollouts of one shape. The teacher caches no scores. */
final class Ring implements AutoCloseable {
    /** Rollouts of a step. */
    static final int BATCH = 8;
    /** Steps that weights may be old: so many batches more are under way. */
    static final int STALENESS = 2;
    /** Tokens of a response at most. */
    static final int NEW_TOKENS = 64;
    /** Rollouts under way. */
    static final int AT_ONCE = (STALENESS + 1) * BATCH;
    /** Shared tokens that the projector is made from, before the first step. */
    static final int COLUMNS = 4096;

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String ANY_PORT = "127.0.0.1:0";

    private final Path student;
    private final int threads;
    private final Vertx vertx = EventLoops.open();
    private final TeacherService teacher;
    private final GeneratorService generator;

    /** @param threads native threads of each service */
    Ring(Path student, Path teacher, int threads) {
        this.student = student;
        this.threads = threads;
        this.teacher = Waiting.on(TeacherService.start(
                vertx,
                TeacherConfig.fromConfig(
                        teacher, ANY_PORT, threads, null, null, null, null, null, null, null, null, null, 0L, null)));
        List<String> teachers = List.of("127.0.0.1:" + this.teacher.port());
        this.generator = Waiting.on(GeneratorService.start(
                vertx,
                new GeneratorConfig(
                        student.toString(),
                        ANY_PORT,
                        teachers,
                        threads,
                        "f32",
                        "cpu",
                        AT_ONCE,
                        0,
                        2 * AT_ONCE,
                        0,
                        0,
                        0,
                        "",
                        "")));
    }

    Vertx vertx() {
        return vertx;
    }

    PeerAddress teacher() {
        return new PeerAddress("127.0.0.1", teacher.port());
    }

    PeerAddress generator() {
        return new PeerAddress("127.0.0.1", generator.port());
    }

    /** The prompt of a number; short, and in any tokenizer's reach. */
    static String prompt(long number) {
        return "once upon a time " + number;
    }

    /** What a learner's settings say of the objective: dual-space distillation. */
    static ObjectiveSettings objective() {
        ObjectNode keys = JSON.valueToTree(ObjectiveSettings.defaults());
        return JSON.convertValue(keys.put("topk_vocab", COLUMNS), ObjectiveSettings.class);
    }

    /** A learner's settings of a run against this ring, dual-space distillation, which writes into the directory. */
    LearnerConfig learner(Path output, int steps) throws IOException {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < AT_ONCE; i++) {
            lines.add("{\"prompt\": \"" + prompt(i) + "\"}");
        }
        Path prompts = Files.write(output.resolve("prompts.jsonl"), lines);
        ObjectNode config = JSON.valueToTree(LearnerConfig.defaults());
        config.put("student", student.toString())
                .put("output_dir", output.resolve("run").toString())
                .put("listen", ANY_PORT)
                .put("threads", threads)
                .put("batch_size", BATCH)
                .put("max_staleness", STALENESS)
                .put("max_new_tokens", NEW_TOKENS)
                .put("learning_rate", 1e-5)
                .put("topk_vocab", COLUMNS)
                .put("max_steps", steps);
        config.putArray("generators").add(generator().toString());
        config.putArray("teachers").add(teacher().toString());
        config.putArray("train_data").add(prompts.toString());
        return JSON.treeToValue(config, LearnerConfig.class);
    }

    @Override
    public void close() {
        Waiting.on(generator.close());
        Waiting.on(teacher.close());
        Waiting.on(vertx.close());
    }
}
