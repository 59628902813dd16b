// SPDX-License-Identifier: Apache-2.0
package reflux.generator;

import static org.assertj.core.api.Assertions.assertThat;

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
import reflux.model.hf.ModelDirectory;
import reflux.model.text.TextTokenizer;
import reflux.v1.ChatMessage;
import reflux.v1.Conversation;
import reflux.v1.FinishReason;
import reflux.v1.Payload;
import reflux.v1.PayloadKind;
import reflux.v1.Prompt;
import reflux.v1.SampleRequest;
import reflux.v1.Sampled;

/** A generator that serves a teacher's weights, for sequence-level distillation: no teachers, and only a model in its settings. */
class TeacherGeneratorTest {
    @TempDir
    static Path files;

    private static Vertx vertx;
    private static Path teacher;
    private static GeneratorService generator;
    private static SampleClient client;

    @BeforeAll
    static void start() {
        vertx = Vertx.vertx();
        teacher = TeacherFiles.write(files.resolve("teacher"));
        GeneratorConfig defaults = GeneratorConfig.defaults();
        generator = Waiting.on(GeneratorService.start(
                vertx,
                new GeneratorConfig(
                        teacher.toString(),
                        "127.0.0.1:0",
                        defaults.teachers(),
                        0,
                        null,
                        null,
                        0,
                        0,
                        0,
                        0,
                        0,
                        0,
                        null,
                        null)));
        client = SampleClient.connect(vertx, generator.port(), 32);
    }

    @AfterAll
    static void stop() {
        client.close();
        Waiting.on(generator.drain(Duration.ZERO));
        Waiting.on(vertx.close());
    }

    @Test
    void unscoredSamples_spellWhatTheStudentIsThenGiven() {
        boolean hasEnded = false;
        boolean wasCut = false;
        try (TextTokenizer tokenizer = ModelDirectory.open(teacher).openTokenizer()) {
            for (int i = 0; i < 30; i++) {
                client.send(SampleClient.request("r" + i, "the quick", i));
            }
            for (int i = 0; i < 30; i++) {
                SampleClient.Item item = client.sampled("r" + i);
                Sampled sampled = item.sampled.join();
                int[] ids = item.ids.stream().mapToInt(id -> id).toArray();

                assertThat(sampled.getStatus().getStatus().getCode()).isZero();
                assertThat(item.ids)
                        .isNotEmpty()
                        .allMatch(id -> id < tokenizer.vocabulary().size());
                assertThat(sampled.getResponse().toByteArray())
                        .isEqualTo(tokenizer.vocabulary().spellResponse(ids));
                boolean ended = ids[ids.length - 1] == tokenizer.vocabulary().endId();
                assertThat(sampled.getFinish())
                        .isEqualTo(ended ? FinishReason.FINISH_REASON_STOP : FinishReason.FINISH_REASON_LENGTH);
                hasEnded |= ended;
                wasCut |= !ended;
                assertThat(item.begins + item.scoreEnds).isZero();
            }
        }
        assertThat(wasCut).isTrue();
        assertThat(hasEnded).isTrue();
    }

    @Test
    void singleUserMessage_isAPrompt() {
        client.send(SampleClient.request("chat", "", 1)
                .setPrompt(Prompt.newBuilder()
                        .setMessages(Conversation.newBuilder()
                                .addMessages(
                                        ChatMessage.newBuilder().setRole("user").setContent("the quick")))));
        client.send(SampleClient.request("text", "the quick", 1));

        assertThat(client.sampled("chat").ids).isEqualTo(client.sampled("text").ids);
    }

    @Test
    void requestWithoutSampling_takesTheModelsOwnRule() {
        client.send(SampleClient.request("own", "the quick", 1).clearSampling());

        assertThat(client.sampled("own").sampled.join().getStatus().getStatus().getCode())
                .isZero();
        assertThat(client.item("own").ids).hasSizeBetween(1, 95);
    }

    @Test
    void givenResponse_needsNoTeacher() {
        SampleRequest.Builder given =
                SampleClient.request("given", "the quick", 1).setGivenResponse(ByteString.copyFromUtf8("hello world"));
        client.send(given);

        assertThat(client.sampled("given").sampled.join().getResponse().toStringUtf8())
                .isEqualTo("hello world");
    }

    @Test
    void payloads_areRefusedWithTheReason() {
        client.send(SampleClient.request("scored", "the quick", 1)
                .addPayloads(Payload.newBuilder().setKind(PayloadKind.PAYLOAD_KIND_HIDDEN_STATES)));

        com.google.rpc.Status status =
                client.sampled("scored").sampled.join().getStatus().getStatus();
        assertThat(status.getCode()).isEqualTo(Code.FAILED_PRECONDITION_VALUE);
        assertThat(status.getMessage()).contains("no teachers");
        assertThat(List.of(client.item("scored").begins, client.item("scored").scoreEnds))
                .containsOnly(0);
    }
}
