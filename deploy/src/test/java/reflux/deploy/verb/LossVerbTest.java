// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.verb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import reflux.model.hf.ModelDirectory;
import reflux.model.safetensors.SafetensorsFile;
import reflux.model.safetensors.SafetensorsWriter;
import reflux.model.safetensors.TensorInfo;
import reflux.model.safetensors.TensorSource;

/** On the demo's models: the gradients of the file are those of the loss that is told. */
class LossVerbTest {
    private static final Path MODELS = Path.of("demo-models").toAbsolutePath();
    private static final String MOVED = "transformer.ln_f.bias";

    @TempDir
    Path folder;

    @BeforeEach
    void write() throws Exception {
        Files.write(
                folder.resolve("data.jsonl"),
                List.of(
                        "{\"prompt\": \"cats\", \"response\": \"K AE1 T S\"}",
                        "{\"prompt\": \"nation\", \"response\": [\"N EY1 SH AH0 N\", \"N EY1 SH\"]}"));
    }

    @Test
    void gradient_isTheLossesSlope() throws Exception {
        JsonNode report =
                loss(MODELS.resolve("student"), "dskd-v2", "--set", "kd_ratio=0.5", "--set", "topk_vocab=110");
        float[] gradient = gradient(MOVED);
        double norm = report.path("gradients").path(MOVED).asDouble();
        double step = 0.02;

        double up = loss(moved(gradient, step / norm), "dskd-v2", "--set", "kd_ratio=0.5", "--set", "topk_vocab=110")
                .path("loss")
                .asDouble();
        double down = loss(moved(gradient, -step / norm), "dskd-v2", "--set", "kd_ratio=0.5", "--set", "topk_vocab=110")
                .path("loss")
                .asDouble();

        assertThat((up - down) / (2 * step)).isCloseTo(norm, within(2e-3 * norm));
        assertThat(report.path("sums").path("ce").path("denominator").asInt()).isEqualTo(tokens(report));
        assertThat(report.path("settings").path("kd_ratio").asDouble()).isEqualTo(0.5);
    }

    @Test
    void gradients_areNamedAsTheWeightsAndTheObjectivesOwn() throws Exception {
        JsonNode report = loss(MODELS.resolve("student"), "dskd-v2");

        try (TensorSource weights =
                        ModelDirectory.open(MODELS.resolve("student")).openWeights();
                TensorSource gradients = SafetensorsFile.open(folder.resolve("gradients.safetensors"))) {
            List<String> own = gradients.tensors().stream()
                    .map(TensorInfo::name)
                    .filter(name -> !weights.has(name))
                    .toList();
            assertThat(own).hasSize(1);
            assertThat(gradients.tensors()).hasSize(weights.tensors().size() + 1);
        }
        double squares = 0;
        for (JsonNode norm : report.path("gradients")) {
            squares += norm.asDouble() * norm.asDouble();
        }
        assertThat(Math.sqrt(squares)).isCloseTo(report.path("gradient_norm").asDouble(), within(1e-6));
    }

    @Test
    void ownSamples_needNoCrossEntropyAndMatchTheirSampler() throws Exception {
        JsonNode report = loss(MODELS.resolve("student-same"), "minillm", "--kind", "sampled");

        assertThat(report.path("terms").path("sampler_mismatch_kl").asDouble()).isCloseTo(0, within(1e-9));
        assertThat(report.path("responses").get(0).path("student_response"))
                .isEqualTo(report.path("responses").get(0).path("teacher_response"));
    }

    @Test
    void missingTeacher_isToldWithItsRemedy() {
        StringWriter err = new StringWriter();

        int code = execute(err, MODELS.resolve("student"), "dskd-v2", new String[0]);

        assertThat(code).isEqualTo(1);
        assertThat(err.toString()).contains("dskd-v2 asks a teacher");
    }

    private JsonNode loss(Path student, String objective, String... more) throws Exception {
        StringWriter err = new StringWriter();
        String[] all = Stream.concat(
                        Stream.of("--teacher", MODELS.resolve("teacher").toString()), Stream.of(more))
                .toArray(String[]::new);
        assertThat(execute(err, student, objective, all)).as(err.toString()).isZero();
        return new ObjectMapper().readTree(folder.resolve("loss.json").toFile());
    }

    private int execute(StringWriter err, Path student, String objective, String[] more) {
        CommandLine line = RefluxCommand.create().setErr(new PrintWriter(err));
        return line.execute(Stream.concat(
                        Stream.of(
                                "loss",
                                "--objective",
                                objective,
                                "--student",
                                student.toString(),
                                "--data",
                                folder.resolve("data.jsonl").toString(),
                                "--out",
                                folder.resolve("loss.json").toString(),
                                "--grads",
                                folder.resolve("gradients.safetensors").toString()),
                        Stream.of(more))
                .toArray(String[]::new));
    }

    private static int tokens(JsonNode report) {
        int tokens = 0;
        for (JsonNode response : report.path("responses")) {
            tokens += response.path("student_response").size();
        }
        return tokens;
    }

    private float[] gradient(String name) {
        try (TensorSource gradients = SafetensorsFile.open(folder.resolve("gradients.safetensors"))) {
            return floats(gradients.bytes(name));
        }
    }

    /** The student with one weight moved along the gradient. */
    private Path moved(float[] gradient, double factor) throws Exception {
        Path model = Files.createDirectories(folder.resolve("moved"));
        for (String file : List.of("config.json", "tokenizer.json", "tokenizer_config.json")) {
            Files.write(
                    model.resolve(file),
                    Files.readAllBytes(MODELS.resolve("student").resolve(file)));
        }
        try (TensorSource weights =
                ModelDirectory.open(MODELS.resolve("student")).openWeights()) {
            float[] values = floats(weights.bytes(MOVED));
            ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
            for (int i = 0; i < values.length; i++) {
                bytes.putFloat((float) (values[i] + factor * gradient[i]));
            }
            SafetensorsWriter.write(
                    model.resolve("model.safetensors"),
                    weights.tensors(),
                    name -> name.equals(MOVED) ? bytes.flip() : weights.bytes(name),
                    Map.of());
        }
        return model;
    }

    private static float[] floats(ByteBuffer bytes) {
        FloatBuffer values = bytes.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
        float[] copy = new float[values.remaining()];
        values.get(copy);
        return copy;
    }
}
