// SPDX-License-Identifier: Apache-2.0
package reflux.generator;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.rpc.Code;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reflux.model.hf.ModelDirectory;
import reflux.model.text.TextTokenizer;
import reflux.rpc.ClientSettings;
import reflux.rpc.PeerAddress;
import reflux.rpc.RpcClient;
import reflux.v1.DataType;
import reflux.v1.DescribeGeneratorRequest;
import reflux.v1.Fingerprints;
import reflux.v1.FinishReason;
import reflux.v1.GeneratorCard;
import reflux.v1.Payload;
import reflux.v1.PayloadKind;
import reflux.v1.Prompt;
import reflux.v1.SampleRequest;
import reflux.v1.Sampled;
import reflux.v1.ScoreRequest;
import reflux.v1.StudentGeneratorGrpcClient;
import reflux.v1.TensorHeader;
import reflux.v1.TokenIds;

class GeneratorScoringTest {
    private static final Fingerprints OTHER = FakeTeacher.fingerprints("other", "head-1");

    @TempDir
    static Path files;

    private static Vertx vertx;
    private static Path student;
    private final List<AutoCloseable> open = new ArrayList<>();

    @BeforeAll
    static void start() {
        vertx = Vertx.vertx();
        student = StudentFiles.write(files.resolve("student"), 1);
    }

    @AfterAll
    static void stop() {
        Waiting.on(vertx.close());
    }

    @AfterEach
    void closeAll() throws Exception {
        for (int i = open.size() - 1; i >= 0; i--) {
            open.get(i).close();
        }
    }

    @Test
    void scores_areRelayedAsTheTeacherSaidThem() {
        FakeTeacher teacher = teacher(OTHER);
        SampleClient client = client(generator(teacher), 8);

        client.send(scored("a", 4));
        SampleClient.Item item = client.scored("a");

        Sampled sampled = item.sampled.join();
        assertThat(item.scored.join().getStatus().getStatus().getCode()).isZero();
        assertThat(item.begins).isEqualTo(1);
        assertThat(item.hidden()).isEqualTo(FakeTeacher.hidden(sampled.getResponse()));
        ScoreRequest asked = teacher.requests.element();
        assertThat(asked.getPrompt().getText()).isEqualTo("the student");
        assertThat(asked.getResponse()).isEqualTo(sampled.getResponse());
        assertThat(asked.getResponseIdsCount()).isZero();
        assertThat(asked.getEnded()).isEqualTo(sampled.getFinish() == FinishReason.FINISH_REASON_STOP);
        assertThat(asked.getPayloadsList()).containsExactly(hiddenStates());
    }

    @Test
    void anyPayloads_areAskedForAndRelayedUnchanged() {
        FakeTeacher teacher = teacher(OTHER);
        SampleClient client = client(generator(teacher), 8);
        List<Payload> payloads = List.of(
                Payload.newBuilder()
                        .setKind(PayloadKind.PAYLOAD_KIND_TOP_K)
                        .setK(700)
                        .build(),
                Payload.newBuilder()
                        .setKind(PayloadKind.PAYLOAD_KIND_SAMPLED_LOG_PROB)
                        .build(),
                Payload.newBuilder()
                        .setKind(PayloadKind.PAYLOAD_KIND_FULL_LOGITS)
                        .setType(DataType.DATA_TYPE_F16)
                        .build(),
                hiddenStates());

        client.send(SampleClient.request("all", "the student", 4).addAllPayloads(payloads));
        client.send(SampleClient.request("one", "the student", 4).addPayloads(payloads.get(1)));

        SampleClient.Item all = client.scored("all");
        ByteString response = all.sampled.join().getResponse();
        ScoreRequest asked = teacher.requests.stream()
                .filter(request -> request.getPayloadsCount() == 4)
                .findFirst()
                .orElseThrow();
        assertThat(asked.getPayloadsList()).isEqualTo(payloads);
        assertThat(FakeTeacher.layout(asked))
                .extracting(TensorHeader::getName)
                .containsExactly("top_ids", "top_log_probs", "tail_log_mass", "log_probs", "logits", "hidden");
        for (TensorHeader header : FakeTeacher.layout(asked)) {
            assertThat(all.tensors.tensor(header.getName()))
                    .as(header.getName())
                    .isEqualTo(FakeTeacher.content(header, response));
        }
        assertThat(client.scored("one").tensors.tensor("log_probs").remaining())
                .isEqualTo(4 * client.item("one").sampled.join().getResponse().size());
    }

    @Test
    void teacherOfOurTokenizer_isGivenTheSampledIds() {
        FakeTeacher teacher = teacher(FakeTeacher.fingerprints(tokenizer(), "head"));
        SampleClient client = client(generator(teacher), 8);

        client.send(scored("a", 4));
        SampleClient.Item item = client.scored("a");

        assertThat(item.scored.join().getStatus().getStatus().getCode()).isZero();
        assertThat(teacher.requests.element().getResponseIdsList()).isEqualTo(item.ids);
    }

    @Test
    void twoTeachers_shareTheItems() {
        FakeTeacher one = teacher(OTHER);
        FakeTeacher two = teacher(OTHER);
        SampleClient client = client(generator(one, two), 24);

        for (int i = 0; i < 24; i++) {
            client.send(scored("i" + i, i));
        }
        for (int i = 0; i < 24; i++) {
            assertRight(client.scored("i" + i));
        }

        assertThat(one.requests).isNotEmpty();
        assertThat(two.requests).isNotEmpty();
        assertThat(one.requests.size() + two.requests.size()).isEqualTo(24);
    }

    @Test
    void teacherKilledInMidItem_costsNothingAndNothingIsScoredTwice() {
        FakeTeacher dying = FakeTeacher.startStalling(vertx, OTHER);
        FakeTeacher staying = teacher(OTHER);
        SampleClient client = client(generator(dying, staying), 24);
        for (int i = 0; i < 24; i++) {
            client.send(scored("i" + i, i));
        }
        Waiting.on(dying.stalled);
        for (int i = 0; i < 24; i++) {
            Waiting.on(client.item("i" + i).begun);
        }

        Waiting.on(dying.kill());

        int restarted = 0;
        Set<String> done = new HashSet<>();
        for (int i = 0; i < 24; i++) {
            SampleClient.Item item = client.scored("i" + i);
            assertRight(item);
            assertThat(item.scoreEnds).isEqualTo(1);
            restarted += item.begins > 1 ? 1 : 0;
            done.add("i" + i);
        }
        assertThat(done).hasSize(24);
        assertThat(restarted).isPositive();
        client.send(scored("after", 99));
        assertRight(client.scored("after"));
    }

    @Test
    void noTeacherThere_itemsWaitForOne() {
        FakeTeacher gone = FakeTeacher.start(vertx, OTHER);
        GeneratorService generator = generator(gone);
        SampleClient client = client(generator, 4);
        client.send(scored("before", 1));
        assertRight(client.scored("before"));
        Waiting.on(gone.kill());

        client.send(scored("waiting", 2));
        client.sampled("waiting");

        assertThat(client.item("waiting").scored).isNotDone();
        client.cancel("waiting");
        assertThat(client.scored("waiting")
                        .scored
                        .join()
                        .getStatus()
                        .getStatus()
                        .getCode())
                .isEqualTo(Code.CANCELLED_VALUE);
    }

    @Test
    void otherHeadThanExpected_isRefusedNamingBothSides() {
        FakeTeacher teacher = teacher(OTHER);
        SampleClient client = client(generator(teacher), 4);

        client.send(scored("a", 1).setExpectTeacher(FakeTeacher.fingerprints("", "head-2")));

        com.google.rpc.Status status =
                client.sampled("a").sampled.join().getStatus().getStatus();
        assertThat(status.getCode()).isEqualTo(Code.FAILED_PRECONDITION_VALUE);
        assertThat(status.getMessage())
                .contains("test")
                .contains("head-2")
                .contains("teacher fake at 127.0.0.1:")
                .contains("head-1");
    }

    @Test
    void promptOfIds_needsATeacherOfOurTokenizer() {
        SampleClient client = client(generator(teacher(OTHER)), 4);

        client.send(scored("a", 1)
                .setPrompt(Prompt.newBuilder().setIds(TokenIds.newBuilder().addIds(70))));

        com.google.rpc.Status status =
                client.sampled("a").sampled.join().getStatus().getStatus();
        assertThat(status.getCode()).isEqualTo(Code.FAILED_PRECONDITION_VALUE);
        assertThat(status.getMessage()).contains("tokenizer");
    }

    @Test
    void describe_namesTheTeachersThatAreConnected() {
        FakeTeacher teacher = teacher(OTHER);
        GeneratorService generator = generator(teacher);

        GeneratorCard card = describe(generator);

        assertThat(card.getTeachersList()).singleElement().satisfies(replica -> {
            assertThat(replica.getAddress()).isEqualTo(teacher.address());
            assertThat(replica.getModel().getFingerprints()).isEqualTo(OTHER);
        });
    }

    @Test
    void slowLearner_holdsTheTeacherBackAndLosesNothing() {
        FakeTeacher teacher = teacher(OTHER);
        SampleClient client = client(generator(teacher), 24);
        client.send(scored("first", 0));
        client.scored("first");
        client.stream.pause();

        for (int i = 0; i < 20; i++) {
            client.send(scored("i" + i, i));
        }
        CompletableFuture<Void> later = new CompletableFuture<>();
        vertx.setTimer(300, fired -> later.complete(null));
        Waiting.on(later);
        int askedWhilePaused = teacher.requests.size();
        client.stream.resume();

        for (int i = 0; i < 20; i++) {
            assertRight(client.scored("i" + i));
        }
        assertThat(askedWhilePaused).isLessThan(21);
    }

    private static void assertRight(SampleClient.Item item) {
        assertThat(item.scored.join().getStatus().getStatus().getCode()).isZero();
        assertThat(item.hidden())
                .isEqualTo(FakeTeacher.hidden(item.sampled.join().getResponse()));
    }

    private static SampleRequest.Builder scored(String id, long seed) {
        return SampleClient.request(id, "the student", seed).addPayloads(hiddenStates());
    }

    private static Payload hiddenStates() {
        return Payload.newBuilder()
                .setKind(PayloadKind.PAYLOAD_KIND_HIDDEN_STATES)
                .build();
    }

    private static String tokenizer() {
        try (TextTokenizer tokenizer = ModelDirectory.open(student).openTokenizer()) {
            return tokenizer.vocabulary().fingerprint();
        }
    }

    private FakeTeacher teacher(Fingerprints fingerprints) {
        FakeTeacher teacher = FakeTeacher.start(vertx, fingerprints);
        open.add(() -> Waiting.on(teacher.kill()));
        return teacher;
    }

    /** Started, and connected to all of the teachers. */
    private GeneratorService generator(FakeTeacher... teachers) {
        List<String> addresses =
                java.util.Arrays.stream(teachers).map(FakeTeacher::address).toList();
        GeneratorConfig config = new GeneratorConfig(
                student.toString(), "127.0.0.1:0", addresses, 1, "f32", "cpu", 8, 64, 64, 0, 256, 8, null, null);
        GeneratorService generator = Waiting.on(GeneratorService.start(vertx, config));
        open.add(() -> Waiting.on(generator.drain(Duration.ZERO)));
        while (describe(generator).getTeachersCount() < teachers.length) {
            Thread.onSpinWait();
        }
        return generator;
    }

    private static GeneratorCard describe(GeneratorService generator) {
        RpcClient client =
                RpcClient.create(vertx, new PeerAddress("127.0.0.1", generator.port()), ClientSettings.defaults());
        GeneratorCard card = Waiting.on(
                client.call(StudentGeneratorGrpcClient.Describe, DescribeGeneratorRequest.getDefaultInstance()));
        Waiting.on(client.close());
        return card;
    }

    private SampleClient client(GeneratorService generator, int wanted) {
        SampleClient client = SampleClient.connect(vertx, generator.port(), wanted);
        open.add(client);
        return client;
    }
}
