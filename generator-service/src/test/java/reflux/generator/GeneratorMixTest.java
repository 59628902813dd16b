// SPDX-License-Identifier: Apache-2.0
package reflux.generator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.rpc.Code;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reflux.v1.SampleRequest;

/** Requests with teacher_mix, at the door. Student of seed 1, teacher of seed 2. */
class GeneratorMixTest {
    @TempDir
    static Path files;

    private static Vertx vertx;
    private static Path student;
    private static GeneratorService generator;

    @BeforeAll
    static void start() {
        vertx = Vertx.vertx();
        student = StudentFiles.write(files.resolve("student"), 1);
        Path teacher = StudentFiles.write(files.resolve("teacher"), 2);
        generator = Waiting.on(GeneratorService.start(vertx, config(teacher, "f32")));
    }

    @AfterAll
    static void stop() {
        Waiting.on(generator.drain(Duration.ZERO));
        Waiting.on(vertx.close());
    }

    @Test
    void mixedTokens_sayBothLogProbsAndDependOnTheSeedAlone() {
        try (SampleClient client = SampleClient.connect(vertx, generator.port(), 40)) {
            client.send(mixed("alone", 5, 0.5f));
            client.sampled("alone");
            for (int i = 0; i < 20; i++) {
                client.send(i % 2 == 0 ? mixed("busy" + i, 5, 0.5f) : SampleClient.request("busy" + i, "the", i));
            }

            SampleClient.Item alone = client.item("alone");
            assertThat(alone.behaviourLogProbs).hasSameSizeAs(alone.ids).isNotEqualTo(alone.logProbs);
            for (int i = 0; i < 20; i++) {
                SampleClient.Item busy = client.sampled("busy" + i);
                assertThat(busy.behaviourLogProbs).hasSize(i % 2 == 0 ? busy.ids.size() : 0);
                assertThat(busy.logProbs).hasSameSizeAs(busy.ids);
                if (i % 2 == 0) {
                    assertThat(busy.ids).isEqualTo(alone.ids);
                }
            }
        }
    }

    @Test
    void givenResponse_isNotMixed() {
        try (SampleClient client = SampleClient.connect(vertx, generator.port(), 4)) {
            client.send(mixed("given", 5, 0.5f).setGivenResponse(ByteString.copyFromUtf8("student")));

            assertThat(client.sampled("given").ids).isNotEmpty();
            assertThat(client.item("given").behaviourLogProbs).isEmpty();
        }
    }

    @Test
    void shareOfOneOrMore_isRefused() {
        try (SampleClient client = SampleClient.connect(vertx, generator.port(), 4)) {
            client.send(mixed("whole", 5, 1));

            com.google.rpc.Status status =
                    client.sampled("whole").sampled.join().getStatus().getStatus();
            assertThat(status.getCode()).isEqualTo(Code.INVALID_ARGUMENT_VALUE);
            assertThat(status.getMessage()).contains("teacher_mix must be at least 0 and below 1");
        }
    }

    @Test
    void generatorWithoutATeacherToMixWith_refusesTheRequest() {
        GeneratorService plain = Waiting.on(GeneratorService.start(vertx, config("", "f32")));
        try (SampleClient client = SampleClient.connect(vertx, plain.port(), 4)) {
            client.send(mixed("many", 5, 0.2f).setN(2));

            for (String id : List.of("many/0", "many/1")) {
                com.google.rpc.Status status =
                        client.sampled(id).sampled.join().getStatus().getStatus();
                assertThat(status.getCode()).isEqualTo(Code.FAILED_PRECONDITION_VALUE);
                assertThat(status.getMessage()).contains("generator.mix_teacher");
            }
        }
        Waiting.on(plain.drain(Duration.ZERO));
    }

    @Test
    void teacherInBf16_isMixedToo() {
        GeneratorService narrow = Waiting.on(GeneratorService.start(vertx, config(files.resolve("teacher"), "bf16")));
        try (SampleClient client = SampleClient.connect(vertx, narrow.port(), 4)) {
            client.send(mixed("a", 5, 0.5f));

            assertThat(client.sampled("a").behaviourLogProbs).isNotEmpty().allMatch(p -> p < 0);
        }
        Waiting.on(narrow.drain(Duration.ZERO));
    }

    @Test
    void teacherOfAnotherTokenizer_failsTheStartNamingBothSides() {
        Path other = StudentFiles.writeOfOtherTokenizer(files.resolve("other"), 2);

        assertThatThrownBy(() -> Waiting.on(GeneratorService.start(vertx, config(other, "f32"))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("tokenizer differs")
                .hasMessageContaining("generator.model " + student)
                .hasMessageContaining("generator.mix_teacher " + other);
    }

    @Test
    void teacherOfAShorterContext_failsTheStartWithARemedy() {
        Path small = StudentFiles.write(files.resolve("short"), 2, 48);

        assertThatThrownBy(() -> Waiting.on(GeneratorService.start(vertx, config(small, "f32"))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("generator.max_length is 64; make max_length at most 48");
        assertThatThrownBy(() -> Waiting.on(GeneratorService.start(vertx, config("nowhere", "f32"))))
                .hasMessageContaining("nowhere");
    }

    private static SampleRequest.Builder mixed(String id, long seed, float share) {
        SampleRequest.Builder request = SampleClient.request(id, "the student", seed);
        request.getSamplingBuilder().setTeacherMix(share);
        return request;
    }

    private static GeneratorConfig config(Path teacher, String dtype) {
        return config(teacher.toString(), dtype);
    }

    private static GeneratorConfig config(String teacher, String dtype) {
        return new GeneratorConfig(
                student.toString(), "127.0.0.1:0", List.of(), 1, "f32", "cpu", 8, 64, 64, 0, 256, 8, teacher, dtype);
    }
}
