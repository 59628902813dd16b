// SPDX-License-Identifier: Apache-2.0
package reflux.teacher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.google.protobuf.ByteString;
import com.google.rpc.Code;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.grpc.common.GrpcStatus;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import java.nio.ShortBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reflux.model.hf.ModelDirectory;
import reflux.model.safetensors.TensorSource;
import reflux.model.text.Vocabulary;
import reflux.rpc.ClientSettings;
import reflux.rpc.PeerAddress;
import reflux.rpc.RpcClient;
import reflux.rpc.RpcException;
import reflux.v1.DataType;
import reflux.v1.FetchLmHeadRequest;
import reflux.v1.Fingerprints;
import reflux.v1.Goodbye;
import reflux.v1.HeadHeader;
import reflux.v1.HeadOut;
import reflux.v1.Hello;
import reflux.v1.Prompt;
import reflux.v1.ScoreIn;
import reflux.v1.ScoreRequest;
import reflux.v1.TeacherScoringGrpcClient;
import reflux.wire.TensorAssembler;

/** Streams that are cancelled, lost, drained or broken, and the LM head's. */
final class TeacherStreamsTest {

    private static final int ITEMS = 8;

    @TempDir
    static Path dir;

    private static Path model;

    private Vertx vertx;
    private TeacherService service;

    @BeforeAll
    static void write() {
        model = TinyTeacher.write(dir);
    }

    @BeforeEach
    void start() throws Exception {
        vertx = Vertx.vertx();
        TeacherConfig config = TeacherConfig.fromConfig(
                model, null, null, null, null, null, ITEMS, null, null, null, null, null, null, null);
        service = await(TeacherService.start(vertx, config));
    }

    @AfterEach
    void stop() throws Exception {
        await(service.close());
        await(vertx.close());
    }

    @Test
    void cancelledWhileWaiting_endsAsCancelledAndReturnsItsCredit() throws Exception {
        ScoreClient client = ScoreClient.open(vertx, service.port());
        CountDownLatch engineFree = blockEngine();
        List<CompletableFuture<ScoreClient.Result>> results = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            results.add(client.send(request("item" + i)));
        }
        eventually(() -> service.queue().size() == 4);

        client.cancel("item2");
        client.cancel("never sent");
        ScoreClient.Result cancelled = results.get(2).get(20, TimeUnit.SECONDS);
        assertThat(service.queue().size()).isEqualTo(3);
        engineFree.countDown();

        assertThat(code(cancelled)).isEqualTo(Code.CANCELLED);
        assertThat(code(results.get(3).get(20, TimeUnit.SECONDS))).isEqualTo(Code.OK);
        assertThat(code(client.score(request("item2")))).isEqualTo(Code.OK);
        assertThat(service.queue().bufferedBytes()).isZero();
        client.close();
    }

    @Test
    void clientIsLost_itsWaitingItemsAreDropped() throws Exception {
        ScoreClient client = ScoreClient.open(vertx, service.port());
        CountDownLatch engineFree = blockEngine();
        for (int i = 0; i < 4; i++) {
            client.send(request("item" + i));
        }
        eventually(() -> service.queue().size() == 4);

        client.close();
        eventually(() -> service.queue().size() == 0);
        engineFree.countDown();

        ScoreClient next = ScoreClient.open(vertx, service.port());
        assertThat(next.firstCredit.get(20, TimeUnit.SECONDS)).isEqualTo(ITEMS / 2);
        assertThat(code(next.score(request("a")))).isEqualTo(Code.OK);
        eventually(() -> service.queue().bufferedBytes() == 0);
        next.close();
    }

    @Test
    void moreItemsThanGranted_endsTheStream() throws Exception {
        ScoreClient client = ScoreClient.open(vertx, service.port());
        CountDownLatch engineFree = blockEngine();
        int granted = client.firstCredit.get(20, TimeUnit.SECONDS);
        for (int i = 0; i <= granted; i++) {
            client.write(ScoreIn.newBuilder().setScore(request("item" + i)).build());
        }

        assertEnds(client, GrpcStatus.RESOURCE_EXHAUSTED, "credit is used up");
        engineFree.countDown();
        client.close();
    }

    @Test
    void idTwice_endsTheStream() throws Exception {
        ScoreClient client = ScoreClient.open(vertx, service.port());
        CountDownLatch engineFree = blockEngine();
        client.firstCredit.get(20, TimeUnit.SECONDS);
        client.write(ScoreIn.newBuilder().setScore(request("same")).build());
        client.write(ScoreIn.newBuilder().setScore(request("same")).build());

        assertEnds(client, GrpcStatus.INVALID_ARGUMENT, "id same is under way already");
        engineFree.countDown();
        client.close();
    }

    @Test
    void helloExpectsAnotherTokenizer_endsTheStreamNamingBoth() throws Exception {
        Hello hello = Hello.newBuilder()
                .setClientId("learner@here")
                .setExpect(Fingerprints.newBuilder().setTokenizer("feedbeef"))
                .build();
        ScoreClient client = new ScoreClient(vertx, service.port(), hello);

        assertEnds(
                client,
                GrpcStatus.FAILED_PRECONDITION,
                "tokenizer differs: learner@here expects feedbeef, teacher tiny-teacher has "
                        + service.card().getFingerprints().getTokenizer().substring(0, 16));
        client.close();
    }

    @Test
    void drain_saysGoodbyeFinishesWhatIsUnderWayAndCloses() throws Exception {
        ScoreClient client = ScoreClient.open(vertx, service.port());
        CountDownLatch engineFree = blockEngine();
        CompletableFuture<ScoreClient.Result> result = client.send(request("a"));
        eventually(() -> service.queue().size() == 1);

        Future<Void> drained = service.drain(Duration.ofSeconds(10));
        client.goodbye.get(20, TimeUnit.SECONDS);
        engineFree.countDown();

        assertThat(code(result.get(20, TimeUnit.SECONDS))).isEqualTo(Code.OK);
        await(client.stream().completed());
        await(drained);
        client.close();
    }

    @Test
    void clientSaysGoodbye_streamEndsAfterItsItems() throws Exception {
        ScoreClient client = ScoreClient.open(vertx, service.port());
        CompletableFuture<ScoreClient.Result> result = client.send(request("a"));
        client.firstCredit.get(20, TimeUnit.SECONDS);
        client.write(
                ScoreIn.newBuilder().setGoodbye(Goodbye.getDefaultInstance()).build());

        assertThat(code(result.get(20, TimeUnit.SECONDS))).isEqualTo(Code.OK);
        await(client.stream().completed());
        client.close();
    }

    @Test
    void lmHead_arrivesWholeWithVocabularyAndFingerprint() throws Exception {
        List<HeadOut> messages = fetch(DataType.DATA_TYPE_F32);
        HeadHeader header = messages.get(0).getHeader();
        TensorAssembler tensors = TensorAssembler.of(header.getTensorsList(), 64 << 20);
        messages.stream().skip(1).forEach(message -> tensors.accept(message.getFrame()));

        assertThat(tensors.isComplete()).isTrue();
        assertThat(header.getModel()).isEqualTo(service.card());
        int v = service.card().getPaddedVocabularySize();
        assertThat(header.getTensors(0).getShapeList()).containsExactly((long) v, (long) TinyTeacher.HIDDEN);
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        digest.update(("F32 " + v + " " + TinyTeacher.HIDDEN + "\n").getBytes(StandardCharsets.UTF_8));
        digest.update(tensors.tensor("lm_head"));
        assertThat(HexFormat.of().formatHex(digest.digest()))
                .isEqualTo(service.card().getFingerprints().getLmHead());
        Vocabulary vocabulary = Vocabulary.of(
                bytes(tensors.tensor("vocab.bytes")),
                ints(tensors.tensor("vocab.ends")),
                bytes(tensors.tensor("vocab.kinds")));
        assertThat(vocabulary.fingerprint())
                .isEqualTo(service.card().getFingerprints().getTokenizer());
        assertThat(vocabulary.endId()).isEqualTo(service.card().getEosIds(0));
    }

    @Test
    void embeddings_followTheVocabularyIfAskedFor() throws Exception {
        List<HeadOut> messages = fetch(FetchLmHeadRequest.newBuilder()
                .setType(DataType.DATA_TYPE_F32)
                .setWithEmbeddings(true)
                .build());
        TensorAssembler tensors = TensorAssembler.of(messages.get(0).getHeader().getTensorsList(), 64 << 20);
        messages.stream().skip(1).forEach(message -> tensors.accept(message.getFrame()));

        assertThat(tensors.isComplete()).isTrue();
        assertThat(messages.get(0).getHeader().getTensors(4).getShapeList())
                .containsExactly((long) service.card().getPaddedVocabularySize(), (long) TinyTeacher.HIDDEN);
        try (TensorSource source = ModelDirectory.open(model).openWeights()) {
            assertThat(tensors.tensor("embeddings")).isEqualTo(source.bytes("model.embed_tokens.weight"));
            assertThat(tensors.tensor("lm_head")).isEqualTo(source.bytes("lm_head.weight"));
        }
        assertThat(fetch(DataType.DATA_TYPE_F32).get(0).getHeader().getTensorsCount())
                .isEqualTo(4);
    }

    @Test
    void lmHeadInBf16_isHalfAsLargeAndOtherTypesAreRefused() throws Exception {
        HeadHeader half = fetch(DataType.DATA_TYPE_BF16).get(0).getHeader();

        assertThat(half.getTensors(0).getBytes())
                .isEqualTo(2L * TinyTeacher.HIDDEN * service.card().getPaddedVocabularySize());
        assertThatThrownBy(() -> fetch(DataType.DATA_TYPE_I64))
                .cause()
                .hasMessageContaining("the LM head comes in BF16 or F32");
    }

    @Test
    void bf16Teacher_servesStatesNearThoseOfF32() throws Exception {
        TeacherConfig config = TeacherConfig.fromConfig(
                model, null, null, null, "bf16", null, null, null, null, null, null, null, null, null);
        TeacherService bf16 = await(TeacherService.start(vertx, config));
        ScoreClient coarse = ScoreClient.open(vertx, bf16.port());
        ScoreClient fine = ScoreClient.open(vertx, service.port());
        ShortBuffer near = hidden(coarse);
        ShortBuffer exact = hidden(fine);

        assertThat(bf16.card().getComputeType()).isEqualTo(DataType.DATA_TYPE_BF16);
        assertThat(bf16.card().getFingerprints().getLmHead())
                .isNotEqualTo(service.card().getFingerprints().getLmHead());
        assertThat(near.remaining()).isEqualTo(exact.remaining()).isPositive();
        while (near.hasRemaining()) {
            float a = Float.intBitsToFloat(near.get() << 16);
            float b = Float.intBitsToFloat(exact.get() << 16);
            assertThat(a).isCloseTo(b, within(0.1f));
        }
        coarse.close();
        fine.close();
        await(bf16.close());
    }

    @Test
    void noSuchModel_failsToStartNamingTheDirectory() {
        TeacherConfig config = TeacherConfig.of(dir.resolve("nowhere"));

        assertThatThrownBy(() -> await(TeacherService.start(vertx, config)))
                .cause()
                .hasMessageContaining("nowhere");
    }

    private List<HeadOut> fetch(DataType type) throws Exception {
        return fetch(FetchLmHeadRequest.newBuilder().setType(type).build());
    }

    private List<HeadOut> fetch(FetchLmHeadRequest request) throws Exception {
        RpcClient rpc =
                RpcClient.create(vertx, new PeerAddress("127.0.0.1", service.port()), ClientSettings.defaults());
        List<HeadOut> messages = new ArrayList<>();
        try {
            await(rpc.serverStream(TeacherScoringGrpcClient.FetchLmHead, request, messages::add)
                    .completed());
        } finally {
            rpc.close();
        }
        return messages;
    }

    /** Nothing is computed until the latch is released. */
    private CountDownLatch blockEngine() throws InterruptedException {
        CountDownLatch reached = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        service.model().engine().submit(open -> {
            reached.countDown();
            release.await(20, TimeUnit.SECONDS);
            return null;
        });
        assertThat(reached.await(20, TimeUnit.SECONDS)).isTrue();
        return release;
    }

    private static ScoreRequest request(String id) {
        return ScoreRequest.newBuilder()
                .setId(id)
                .setPrompt(Prompt.newBuilder().setText("hello"))
                .setResponse(ByteString.copyFromUtf8("HH AH0 " + id))
                .build();
    }

    private static ShortBuffer hidden(ScoreClient client) throws Exception {
        return client.score(request("a")).tensor("hidden").asShortBuffer();
    }

    private static Code code(ScoreClient.Result result) {
        return Code.forNumber(result.end().getStatus().getStatus().getCode());
    }

    private static void assertEnds(ScoreClient client, GrpcStatus status, String fact) {
        assertThatThrownBy(() -> await(client.stream().completed()))
                .isInstanceOf(ExecutionException.class)
                .cause()
                .isInstanceOfSatisfying(RpcException.class, failure -> assertThat(failure.status())
                        .isEqualTo(status))
                .hasMessageContaining(fact);
    }

    private static void eventually(BooleanSupplier condition) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!condition.getAsBoolean() && System.nanoTime() < end) {
            new CompletableFuture<Void>()
                    .completeOnTimeout(null, 5, TimeUnit.MILLISECONDS)
                    .get();
        }
        assertThat(condition.getAsBoolean()).isTrue();
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] copy = new byte[buffer.remaining()];
        buffer.get(copy);
        return copy;
    }

    private static int[] ints(ByteBuffer buffer) {
        IntBuffer values = buffer.order(ByteOrder.LITTLE_ENDIAN).asIntBuffer();
        int[] copy = new int[values.remaining()];
        values.get(copy);
        return copy;
    }

    private static <T> T await(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }
}
