// SPDX-License-Identifier: Apache-2.0
package reflux.generator;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.rpc.Code;
import io.vertx.core.Vertx;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reflux.model.hf.ModelDirectory;
import reflux.model.text.TextTokenizer;
import reflux.v1.FinishReason;
import reflux.v1.Payload;
import reflux.v1.PayloadKind;
import reflux.v1.Prompt;
import reflux.v1.SampleRequest;
import reflux.v1.Sampled;
import reflux.v1.ScoreRequest;

/** Responses that are given pass the door that sampled ones pass. One slot, 64 tokens of room. */
class GeneratorGivenTest {
    private static final String TEXT = "the student said what the teacher scores";

    @TempDir
    static Path files;

    private static Vertx vertx;
    private static TextTokenizer tokenizer;
    private static FakeTeacher teacher;
    private static GeneratorService generator;
    private static final int CREDIT = 40;
    private static SampleClient client;

    @BeforeAll
    static void start() {
        vertx = Vertx.vertx();
        Path student = StudentFiles.write(files.resolve("student"), 1);
        tokenizer = ModelDirectory.open(student).openTokenizer();
        teacher = FakeTeacher.start(
                vertx, FakeTeacher.fingerprints(tokenizer.vocabulary().fingerprint(), "head"));
        generator = Waiting.on(GeneratorService.start(
                vertx,
                new GeneratorConfig(
                        student.toString(),
                        "127.0.0.1:0",
                        List.of(teacher.address()),
                        1,
                        "f32",
                        "cpu",
                        1,
                        64,
                        64,
                        0,
                        256,
                        8,
                        null,
                        null)));
        client = SampleClient.connect(vertx, generator.port(), CREDIT);
    }

    @AfterAll
    static void stop() {
        client.close();
        Waiting.on(generator.drain(Duration.ZERO));
        Waiting.on(teacher.kill());
        tokenizer.close();
        Waiting.on(vertx.close());
    }

    @Test
    void text_comesAsTheStudentsTokensAndAnEnd() {
        client.send(given("a", TEXT, 40));

        SampleClient.Item item = client.sampled("a");

        Sampled sampled = item.sampled.join();
        assertThat(item.ids).isEqualTo(ended(tokenizer.encode(TEXT)));
        assertThat(item.logProbs).isEmpty();
        assertThat(item.behaviourLogProbs).isEmpty();
        assertThat(item.versions).hasSameSizeAs(item.ids).containsOnly(0L);
        assertThat(item.deltas).isEqualTo(1);
        assertThat(sampled.getFinish()).isEqualTo(FinishReason.FINISH_REASON_STOP);
        assertThat(sampled.getResponse().toStringUtf8()).isEqualTo(TEXT);
        assertThat(sampled.getResponseTokens()).isEqualTo(item.ids.size());
        assertThat(sampled.getPromptTokens()).isEqualTo(tokenizer.encode("the student").length);
    }

    @Test
    void textAsLongAsTheBudget_hasNoRoomForItsEnd() {
        List<Integer> all = ended(tokenizer.encode(TEXT));
        int count = all.size();

        client.send(given("room", TEXT, count));
        client.send(given("tight", TEXT, count - 1));
        client.send(given("cut", TEXT, 3));

        assertThat(client.sampled("room").ids).isEqualTo(all);
        assertCut("tight", all.subList(0, count - 1));
        assertCut("cut", all.subList(0, 3));
    }

    @Test
    void cutText_getsNoEndAndTheTeacherIsToldSo() {
        String part = "the student said what";

        client.send(scored(given("part", part, 40).setGivenIsCut(true)));
        client.send(given("nothing", "", 40).setGivenIsCut(true));

        assertThat(client.scored("part").scored.join().getStatus().getStatus().getCode())
                .isZero();
        assertCut("part", Arrays.stream(tokenizer.encode(part)).boxed().toList());
        assertThat(sentToTheTeacher(part).getEnded()).isFalse();
        assertThat(sentToTheTeacher(part).getResponseIdsList()).isEqualTo(client.item("part").ids);
        assertRefused("nothing", "given_response is empty and cut");
    }

    @Test
    void contextsEnd_cutsToo() {
        String prompt = "the student ".repeat(20);
        int room = 64 - tokenizer.encode(prompt).length;
        assertThat(room).isBetween(1, 60);
        String longer = "said ".repeat(70);

        client.send(given("context", longer, 63).setPrompt(Prompt.newBuilder().setText(prompt)));

        assertCut(
                "context",
                Arrays.stream(tokenizer.encode(longer)).limit(room).boxed().toList());
    }

    @Test
    void emptyText_isTheEndAlone() {
        client.send(scored(given("empty", "", 5)));

        SampleClient.Item item = client.scored("empty");

        assertThat(item.ids).containsExactly(tokenizer.vocabulary().endId());
        assertThat(item.sampled.join().getFinish()).isEqualTo(FinishReason.FINISH_REASON_STOP);
        assertThat(item.sampled.join().getResponse().isEmpty()).isTrue();
        assertThat(item.scored.join().getStatus().getStatus().getCode()).isZero();
    }

    @Test
    void scoringAsked_theTeacherIsSentItLikeASampledOne() {
        client.send(scored(given("scored", TEXT, 40)));

        SampleClient.Item item = client.scored("scored");

        assertThat(item.scored.join().getStatus().getStatus().getCode()).isZero();
        assertThat(item.hidden()).isEqualTo(FakeTeacher.hidden(ByteString.copyFromUtf8(TEXT)));
        ScoreRequest asked = sentToTheTeacher(TEXT);
        assertThat(asked.getResponseIdsList()).isEqualTo(item.ids);
        assertThat(asked.getEnded()).isTrue();
        assertThat(asked.getPrompt().getText()).isEqualTo("the student");
    }

    @Test
    void bytesThatAreNoUtf8_areRefusedAtTheirPlace() {
        byte[] broken = {'o', 'k', (byte) 0xC3, (byte) 0xA9, (byte) 0xF0, (byte) 0x9F};

        client.send(given("broken", "", 5).setGivenResponse(ByteString.copyFrom(broken)));
        client.send(given("lone", "", 5).setGivenResponse(ByteString.copyFrom(new byte[] {(byte) 0x80})));

        assertRefused("broken", "given_response must be UTF-8, is not at byte 4");
        assertRefused("lone", "given_response must be UTF-8, is not at byte 0");
    }

    @Test
    void badRequests_areRefusedAndReturnTheirCredit() {
        client.send(given("two", TEXT, 5).setN(2));
        client.send(given("long", TEXT, 5).setPrompt(Prompt.newBuilder().setText("x y ".repeat(100))));
        client.send(given("budget", TEXT, 64));
        client.send(given("good", TEXT, 5));

        assertRefused("two/0", "n must be 1 for a given_response, was 2");
        assertRefused("two/1", "n must be 1 for a given_response, was 2");
        assertRefused("long", "prompt must have 1 to 63 tokens");
        assertRefused("budget", "max_new_tokens must be 1 to 63, was 64");
        client.sampled("good");
        client.send(given("later", TEXT, 5));
        client.sampled("later");
        // the credit of the last item may still be on its way
        assertThat(client.credit.get()).isBetween(CREDIT - 1, CREDIT);
    }

    @Test
    void busySampler_holdsNoGivenResponseUp() {
        CompletableFuture<Integer> sampledBefore = new CompletableFuture<>();
        client.item("quick").sampled.thenRun(() -> {
            int done = 0;
            for (int i = 0; i < 30; i++) {
                done += client.item("slow" + i).sampled.isDone() ? 1 : 0;
            }
            sampledBefore.complete(done);
        });
        for (int i = 0; i < 30; i++) {
            client.send(SampleClient.request("slow" + i, "the student", i));
        }
        client.send(given("quick", TEXT, 40));

        assertThat(Waiting.on(sampledBefore)).isLessThan(30);
        for (int i = 0; i < 30; i++) {
            client.sampled("slow" + i);
        }
    }

    private static SampleRequest.Builder given(String id, String text, int maxNewTokens) {
        SampleRequest.Builder request = SampleClient.request(id, "the student", 1)
                .setGivenResponse(ByteString.copyFrom(text, StandardCharsets.UTF_8));
        request.getSamplingBuilder().setMaxNewTokens(maxNewTokens);
        return request;
    }

    private static SampleRequest.Builder scored(SampleRequest.Builder request) {
        return request.addPayloads(Payload.newBuilder().setKind(PayloadKind.PAYLOAD_KIND_HIDDEN_STATES));
    }

    private static ScoreRequest sentToTheTeacher(String response) {
        return teacher.requests.stream()
                .filter(request -> request.getResponse().toStringUtf8().equals(response))
                .findFirst()
                .orElseThrow();
    }

    private static List<Integer> ended(int[] ids) {
        int[] all = Arrays.copyOf(ids, ids.length + 1);
        all[ids.length] = tokenizer.vocabulary().endId();
        return Arrays.stream(all).boxed().toList();
    }

    private static void assertCut(String id, List<Integer> ids) {
        SampleClient.Item item = client.sampled(id);
        assertThat(item.ids).isEqualTo(ids);
        assertThat(item.sampled.join().getFinish()).isEqualTo(FinishReason.FINISH_REASON_LENGTH);
        assertThat(item.sampled.join().getResponse().toByteArray())
                .isEqualTo(tokenizer
                        .vocabulary()
                        .spellResponse(ids.stream().mapToInt(i -> i).toArray()));
    }

    private static void assertRefused(String id, String part) {
        com.google.rpc.Status status =
                client.sampled(id).sampled.join().getStatus().getStatus();
        assertThat(status.getMessage()).as(id).contains(part);
        assertThat(status.getCode()).as(id).isEqualTo(Code.INVALID_ARGUMENT_VALUE);
    }
}
