// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.compare;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import reflux.deploy.config.Settings;
import reflux.deploy.config.SettingsBinder;
import reflux.deploy.serve.Role;
import reflux.deploy.serve.RunningService;
import reflux.rpc.EventLoops;

/**
 * The services of the comparison in this process, over loopback: one teacher for all runs; a generator and a learner for each
 * run. Blocks its callers; several may train at once.
 */
final class TrainingRing implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final YAMLMapper YAML = new YAMLMapper();
    private static final Duration DRAIN = Duration.ofSeconds(5);
    private static final String ANY_PORT = "127.0.0.1:0";
    /** Keys that name a directory of the demo, relative to {@code deploy}. */
    private static final List<String> MODELS = List.of("model", "student", "mix_teacher");

    private final Vertx vertx;
    private final ComparisonSettings how;
    private final ComparisonData data;
    private final RunningService teacher;

    private TrainingRing(Vertx vertx, ComparisonSettings how, ComparisonData data, RunningService teacher) {
        this.vertx = vertx;
        this.how = how;
        this.data = data;
        this.teacher = teacher;
    }

    /** Starts the teacher that {@code common} describes. */
    static TrainingRing open(ComparisonSettings how, ObjectNode common, ComparisonData data) throws IOException {
        Files.createDirectories(how.work());
        ObjectNode settings = JSON.createObjectNode();
        settings.set("teacher", placed(how, common.path("teacher")));
        Vertx vertx = EventLoops.open();
        try {
            RunningService teacher =
                    start(vertx, how, Role.TEACHER, settings, how.work().resolve("teacher.yaml"));
            return new TrainingRing(vertx, how, data, teacher);
        } catch (RuntimeException | IOException e) {
            await(vertx.close());
            throw e;
        }
    }

    /** Trains into {@code output}, which has the settings in ring.yaml too, and returns the learner's summary. */
    JsonNode train(TrainingRun run, Path output) throws IOException {
        Files.createDirectories(output);
        ObjectNode settings = JSON.createObjectNode();
        ObjectNode learner = placed(how, run.learner());
        ObjectNode generator = placed(how, run.settings().path("generator"));
        generator.set("model", learner.path("student"));
        generator.putArray("teachers").add(address(teacher));
        settings.set("generator", generator);
        Path yaml = output.resolve("ring.yaml");
        RunningService sampling = start(vertx, how, Role.GENERATOR, settings, yaml);
        try {
            learner.put("output_dir", output.toString());
            learner.putArray("generators").add(address(sampling));
            learner.putArray("teachers").add(address(teacher));
            learner.putArray("train_data").add(data.train().toString());
            if (learner.path("eval_steps").asInt() > 0) {
                learner.put("eval_data", data.valid().toString());
            }
            settings.set("learner", learner);
            await(learn(settings, yaml));
        } finally {
            await(sampling.drain(DRAIN).otherwiseEmpty());
        }
        return JSON.readTree(output.resolve("summary.json").toFile());
    }

    private Future<Void> learn(ObjectNode settings, Path yaml) throws IOException {
        RunningService learner = start(vertx, how, Role.LEARNER, settings, yaml);
        return learner.done().eventually(() -> learner.drain(DRAIN).otherwiseEmpty());
    }

    private static RunningService start(Vertx vertx, ComparisonSettings how, Role role, ObjectNode settings, Path yaml)
            throws IOException {
        Files.writeString(yaml, YAML.writeValueAsString(settings));
        Settings loaded = Settings.load(yaml, Map.of(), how.overrides());
        return await(role.start(vertx, new SettingsBinder(loaded, Role.sections())));
    }

    /** A section of its own, on a free port, with directories of the demo made absolute. */
    private static ObjectNode placed(ComparisonSettings how, JsonNode section) {
        ObjectNode placed = section.deepCopy();
        placed.put("listen", ANY_PORT);
        for (String key : MODELS) {
            if (placed.get(key) instanceof TextNode model && !model.asText().isEmpty()) {
                placed.put(key, how.home().resolve(model.asText()).toString());
            }
        }
        return placed;
    }

    private static String address(RunningService service) {
        return "127.0.0.1:" + service.port();
    }

    private static <T> T await(Future<T> future) {
        return future.toCompletionStage().toCompletableFuture().join();
    }

    @Override
    public void close() {
        await(teacher.drain(DRAIN).otherwiseEmpty());
        await(vertx.close());
    }
}
