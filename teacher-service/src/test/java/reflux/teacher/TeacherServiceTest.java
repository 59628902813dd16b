// SPDX-License-Identifier: Apache-2.0
package reflux.teacher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.protobuf.ByteString;
import com.google.rpc.Code;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reflux.model.decoder.TokenBatch;
import reflux.model.engine.Scope;
import reflux.model.text.PromptText;
import reflux.rpc.ClientSettings;
import reflux.rpc.PeerAddress;
import reflux.rpc.RpcClient;
import reflux.v1.ChatMessage;
import reflux.v1.Conversation;
import reflux.v1.DataType;
import reflux.v1.DescribeTeacherRequest;
import reflux.v1.Fingerprints;
import reflux.v1.Payload;
import reflux.v1.PayloadKind;
import reflux.v1.Prompt;
import reflux.v1.ScoreRequest;
import reflux.v1.TeacherCard;
import reflux.v1.TeacherScoringGrpcClient;

/** What a client sees of a teacher, over loopback gRPC. */
final class TeacherServiceTest {

    private static final Payload F32 = Payload.newBuilder()
            .setKind(PayloadKind.PAYLOAD_KIND_HIDDEN_STATES)
            .setType(DataType.DATA_TYPE_F32)
            .build();
    private static final Payload LOG_PROBS = Payload.newBuilder()
            .setKind(PayloadKind.PAYLOAD_KIND_SAMPLED_LOG_PROB)
            .build();

    @TempDir
    static Path dir;

    private static final SimpleMeterRegistry METERS = new SimpleMeterRegistry();
    private static Vertx vertx;
    private static TeacherConfig config;
    private static TeacherService service;
    private static TeacherModel oracle;

    private ScoreClient client;

    @BeforeAll
    static void start() throws Exception {
        vertx = Vertx.vertx();
        config = TeacherConfig.fromConfig(
                TinyTeacher.write(dir), null, null, null, null, 256, 16, 40, 50, 4096, null, null, null, true);
        service = await(TeacherService.start(vertx, config, METERS));
        oracle = TeacherModel.load(config);
    }

    @AfterAll
    static void stop() throws Exception {
        await(service.close());
        oracle.close();
        await(vertx.close());
    }

    @BeforeEach
    void connect() {
        client = ScoreClient.open(vertx, service.port());
    }

    @AfterEach
    void disconnect() {
        client.close();
    }

    @Test
    void describe_tellsCardLimitsAndPayloads() throws Exception {
        RpcClient rpc =
                RpcClient.create(vertx, new PeerAddress("127.0.0.1", service.port()), ClientSettings.defaults());
        TeacherCard card =
                await(rpc.call(TeacherScoringGrpcClient.Describe, DescribeTeacherRequest.getDefaultInstance()));

        assertThat(card.getModel().getName()).isEqualTo("tiny-teacher");
        assertThat(card.getModel().getFamily()).isEqualTo("llama");
        assertThat(card.getModel().getPaddedVocabularySize())
                .isEqualTo(card.getModel().getVocabularySize() + TinyTeacher.PADDING_ROWS);
        assertThat(card.getModel().getFingerprints().getTokenizer())
                .isEqualTo(oracle.tokenizer().vocabulary().fingerprint());
        assertThat(card.getModel().getFingerprints().getLmHead()).hasSize(64);
        assertThat(card.getLimits().getMaxItemsInFlight()).isEqualTo(16);
        assertThat(card.getPayloadsList()).hasSize(4);
        assertThat(client.welcome.get(20, TimeUnit.SECONDS).getModel()).isEqualTo(card.getModel());
        await(rpc.close());
    }

    @Test
    void hiddenStates_equalTheDecodersOverPromptAndResponse() throws Exception {
        ScoreRequest request = request("a", "hello", "HH AH0 L OW1")
                .setEnded(true)
                .addPayloads(F32)
                .build();
        ScoreClient.Result result = client.score(request);

        int[] prompt = oracle.tokenizer().encodePrompt(new PromptText.Text("hello"));
        int[] response = oracle.tokenizer().tokenize(utf8("HH AH0 L OW1")).ids().toArray();
        int end = oracle.tokenizer().vocabulary().endId();
        assertThat(result.end().getStatus().getStatus().getCode()).isZero();
        assertThat(result.scored().getPromptTokens()).isEqualTo(prompt.length);
        assertThat(ints(result.scored().getTokenIdsList())).startsWith(response).endsWith(end);
        assertThat(result.scored().getTokenIdsCount()).isEqualTo(response.length + 1);
        assertThat(result.scored().getEnds(response.length)).isEqualTo(12);
        assertThat(result.scored().getEnds(response.length - 1)).isEqualTo(12);
        assertThat(result.scored().getCoveredBytes()).isEqualTo(12);
        assertThat(result.scored().getLmHeadFingerprint())
                .isEqualTo(oracle.card().getFingerprints().getLmHead());
        assertThat(floats(result, "hidden"))
                .containsExactly(hidden(prompt, ints(result.scored().getTokenIdsList())), within(1e-6f));
    }

    @Test
    void emptyResponseThatEnded_isTheEndTokenAlone() throws Exception {
        ScoreClient.Result result = client.score(
                request("a", "hello", "").setEnded(true).addPayloads(F32).build());

        assertThat(result.scored().getTokenIdsList())
                .containsExactly(oracle.tokenizer().vocabulary().endId());
        assertThat(result.scored().getEndsList()).containsExactly(0);
        assertThat(floats(result, "hidden")).hasSize(TinyTeacher.HIDDEN);
    }

    @Test
    void sameItemAgain_comesFromCacheAndIsEqual() throws Exception {
        ScoreRequest request =
                request("first", "the fox", "jumps over").addPayloads(F32).build();
        ScoreClient.Result first = client.score(request);
        ScoreClient.Result second =
                client.score(request.toBuilder().setId("second").build());
        ScoreClient.Result other = client.score(
                request.toBuilder().setId("third").addPayloads(LOG_PROBS).build());

        assertThat(first.end().getFromCache()).isFalse();
        assertThat(second.end().getFromCache()).isTrue();
        assertThat(other.end().getFromCache()).isFalse();
        assertThat(second.tensor("hidden")).isEqualTo(first.tensor("hidden"));
        assertThat(other.tensor("hidden")).isEqualTo(first.tensor("hidden"));
    }

    @Test
    void fullLogitsAndLogProbs_agree() throws Exception {
        Payload logits =
                F32.toBuilder().setKind(PayloadKind.PAYLOAD_KIND_FULL_LOGITS).build();
        ScoreClient.Result result = client.score(request("a", "hello", "world")
                .addPayloads(logits)
                .addPayloads(LOG_PROBS)
                .build());

        double[][] expected = logSoftmax(floats(result, "logits"));
        float[] logProbs = floats(result, "log_probs");
        for (int i = 0; i < logProbs.length; i++) {
            assertThat((double) logProbs[i])
                    .isCloseTo(expected[i][result.scored().getTokenIds(i)], within(1e-5));
        }
    }

    @Test
    void topKOfGivenIds_agreesWithFullLogitsAndNamesNoPadding() throws Exception {
        int[] ids = oracle.tokenizer().tokenize(utf8("HH AH0")).ids().toArray();
        int vocabulary = oracle.card().getVocabularySize();
        ScoreClient.Result result = client.score(request("a", "hello", "HH AH0")
                .addAllResponseIds(Arrays.stream(ids).boxed().toList())
                .setEnded(true)
                .setExpect(Fingerprints.newBuilder()
                        .setTokenizer(oracle.card().getFingerprints().getTokenizer()))
                .addPayloads(F32.toBuilder()
                        .setKind(PayloadKind.PAYLOAD_KIND_FULL_LOGITS)
                        .build())
                .addPayloads(Payload.newBuilder()
                        .setKind(PayloadKind.PAYLOAD_KIND_TOP_K)
                        .setK(vocabulary))
                .addPayloads(LOG_PROBS)
                .build());

        double[][] expected = logSoftmax(floats(result, "logits"));
        IntBuffer topIds = result.tensor("top_ids").asIntBuffer();
        float[] top = floats(result, "top_log_probs");
        assertThat(expected.length).isEqualTo(ids.length + 1);
        for (int i = 0; i < expected.length; i++) {
            for (int k = 0; k < vocabulary; k++) {
                assertThat(topIds.get(i * vocabulary + k)).isLessThan(vocabulary);
                assertThat((double) top[i * vocabulary + k])
                        .isCloseTo(expected[i][topIds.get(i * vocabulary + k)], within(1e-5));
            }
            assertThat(floats(result, "tail_log_mass")[i]).isEqualTo(Float.NEGATIVE_INFINITY);
            int sampled = result.scored().getTokenIds(i);
            assertThat(sampled)
                    .isEqualTo(
                            i < ids.length
                                    ? ids[i]
                                    : oracle.tokenizer().vocabulary().endId());
            assertThat((double) floats(result, "log_probs")[i]).isCloseTo(expected[i][sampled], within(1e-5));
        }
    }

    @Test
    void topKBeyondTheTokenizer_isRefused() throws Exception {
        int vocabulary = oracle.card().getVocabularySize();
        Payload tooMany = Payload.newBuilder()
                .setKind(PayloadKind.PAYLOAD_KIND_TOP_K)
                .setK(vocabulary + 1)
                .build();

        assertRefused(
                client.score(request("a", "hello", "x").addPayloads(tooMany).build()),
                Code.INVALID_ARGUMENT,
                "k must be 1 to " + vocabulary);
    }

    @Test
    void brokenUtf8_isCoveredUpToTheBreak() throws Exception {
        byte[] broken = {'h', 'e', 'l', 'l', 'o', ' ', (byte) 0xF0, (byte) 0x9F, (byte) 0x98};
        ScoreClient.Result result = client.score(request("a", "hello", "")
                .setResponse(ByteString.copyFrom(broken))
                .addPayloads(LOG_PROBS)
                .build());

        assertThat(result.end().getStatus().getStatus().getCode()).isZero();
        assertThat(result.scored().getCoveredBytes()).isBetween(5, 9);
        assertThat(result.scored().getEndsList()).isSorted().allMatch(end -> end <= 9);
        assertThat(floats(result, "log_probs")).hasSize(result.scored().getTokenIdsCount());
    }

    @Test
    void responseIds_areScoredAsTheyAreIfTheTokenizerIsTheSame() throws Exception {
        int[] ids = oracle.tokenizer().tokenize(utf8("HH AH0")).ids().toArray();
        byte[] spelled = utf8("HH AH0");
        int end = oracle.tokenizer().vocabulary().endId();
        ScoreRequest.Builder request = request("a", "hello", "")
                .setResponse(ByteString.copyFrom(spelled))
                .addAllResponseIds(Arrays.stream(ids).boxed().toList())
                .addResponseIds(end)
                .setEnded(true)
                .setExpect(Fingerprints.newBuilder()
                        .setTokenizer(oracle.card().getFingerprints().getTokenizer()))
                .addPayloads(F32);
        ScoreClient.Result result = client.score(request.build());
        ScoreClient.Result differs = client.score(
                request.setResponse(ByteString.copyFromUtf8("other")).build());
        ScoreClient.Result unnamed = client.score(
                request.clearExpect().setResponse(ByteString.copyFrom(spelled)).build());

        assertThat(ints(result.scored().getTokenIdsList())).startsWith(ids).endsWith(end);
        assertThat(result.scored().getTokenIdsCount()).isEqualTo(ids.length + 1);
        assertThat(result.scored().getEndsList()).endsWith(spelled.length, spelled.length);
        assertThat(result.scored().getCoveredBytes()).isEqualTo(spelled.length);
        assertRefused(differs, Code.INVALID_ARGUMENT, "response_ids do not spell the response");
        assertRefused(unnamed, Code.INVALID_ARGUMENT, "response_ids need expect.tokenizer");
    }

    @Test
    void badRequests_endWithTheirStatusAndTheStreamGoesOn() throws Exception {
        assertRefused(client.score(request("a", "", "x").build()), Code.INVALID_ARGUMENT, "prompt");
        assertRefused(client.score(request("b", "hello", "").build()), Code.INVALID_ARGUMENT, "nothing to score");
        assertRefused(
                client.score(request("c", "hello", "x".repeat(4097)).build()),
                Code.RESOURCE_EXHAUSTED,
                "response must have at most 4096 bytes, had 4097");
        assertRefused(
                client.score(request("d", "zqj ".repeat(60), "x").build()),
                Code.RESOURCE_EXHAUSTED,
                "prompt must have at most 40 tokens");
        assertRefused(
                client.score(request("e", "hello", "zqj ".repeat(60)).build()),
                Code.RESOURCE_EXHAUSTED,
                "response must have at most 50 tokens");
        assertRefused(
                client.score(request("f", "hello", "x")
                        .setPrompt(Prompt.newBuilder()
                                .setIds(reflux.v1.TokenIds.newBuilder().addIds(100_000)))
                        .build()),
                Code.INVALID_ARGUMENT,
                "100000");
        assertRefused(
                client.score(request("g", "hello", "x")
                        .addPayloads(Payload.newBuilder().setKind(PayloadKind.PAYLOAD_KIND_TOP_K))
                        .build()),
                Code.INVALID_ARGUMENT,
                "k must be 1 to");

        ScoreClient.Result good =
                client.score(request("h", "hello", "x").addPayloads(F32).build());
        assertThat(good.end().getStatus().getStatus().getCode()).isZero();
    }

    @Test
    void expectedFingerprintDiffers_itemNamesBothSides() throws Exception {
        ScoreClient.Result result = client.score(request("a", "hello", "x")
                .setExpect(Fingerprints.newBuilder().setLmHead("0123456789abcdef00"))
                .build());

        assertRefused(result, Code.FAILED_PRECONDITION, "0123456789abcdef");
        assertThat(result.end().getStatus().getStatus().getMessage())
                .contains("lm_head differs", "test expects", "teacher tiny-teacher has")
                .contains(oracle.card().getFingerprints().getLmHead().substring(0, 16));
    }

    @Test
    void threeHundredItemsOverTwoStreams_allAreScoredWithinCredit() throws Exception {
        ScoreClient second = ScoreClient.open(vertx, service.port());
        List<CompletableFuture<ScoreClient.Result>> results = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            ScoreRequest request = request("item" + i, "the quick fox " + i, "HH AH0 ".repeat(1 + i % 5) + i)
                    .setEnded(i % 2 == 0)
                    .addPayloads(F32)
                    .addPayloads(LOG_PROBS)
                    .build();
            results.add((i % 2 == 0 ? client : second).send(request));
        }

        for (CompletableFuture<ScoreClient.Result> result : results) {
            assertThat(result.get(30, TimeUnit.SECONDS)
                            .end()
                            .getStatus()
                            .getStatus()
                            .getCode())
                    .isZero();
        }
        assertThat(client.mostUnderWay.get() + second.mostUnderWay.get()).isBetween(2, 20);
        ScoreClient.Result one = results.get(37).get();
        int[] prompt = oracle.tokenizer().encodePrompt(new PromptText.Text("the quick fox 37"));
        assertThat(floats(one, "hidden"))
                .containsExactly(hidden(prompt, ints(one.scored().getTokenIdsList())), within(1e-6f));
        assertThat(METERS.get("reflux.teacher.batch.items").summary().max()).isGreaterThan(1);
        second.close();
    }

    @Test
    void conversationThatCannotBeRendered_isRefused() throws Exception {
        ChatMessage system = ChatMessage.newBuilder()
                .setRole("system")
                .setContent("be brief")
                .build();
        ChatMessage user =
                ChatMessage.newBuilder().setRole("user").setContent("hello").build();
        ScoreRequest request = request("a", "", "x")
                .setPrompt(Prompt.newBuilder()
                        .setMessages(
                                Conversation.newBuilder().addMessages(system).addMessages(user)))
                .build();

        assertRefused(client.score(request), Code.INVALID_ARGUMENT, "template");
    }

    private static ScoreRequest.Builder request(String id, String prompt, String response) {
        return ScoreRequest.newBuilder()
                .setId(id)
                .setPrompt(Prompt.newBuilder().setText(prompt))
                .setResponse(ByteString.copyFromUtf8(response));
    }

    private static void assertRefused(ScoreClient.Result result, Code code, String fact) {
        assertThat(result.end().getStatus().getStatus().getMessage()).contains(fact);
        assertThat(result.end().getStatus().getStatus().getCode()).isEqualTo(code.getNumber());
        assertThat(result.end().getStatus().getRetryable()).isFalse();
        assertThat(result.begin()).isNull();
    }

    private static float[] hidden(int[] prompt, int[] response) {
        int[] all =
                IntStream.concat(Arrays.stream(prompt), Arrays.stream(response)).toArray();
        int d = TinyTeacher.HIDDEN;
        return oracle.engine().call(open -> {
            try (Scope scope = open.scope().child()) {
                float[] rows = oracle.decoder()
                        .hidden(scope, TokenBatch.of(List.of(all)))
                        .floats();
                return Arrays.copyOfRange(rows, (prompt.length - 1) * d, (all.length - 1) * d);
            }
        });
    }

    /** Of rows of V columns, padding left out. */
    private static double[][] logSoftmax(float[] logits) {
        int v = oracle.card().getPaddedVocabularySize();
        int ids = oracle.card().getVocabularySize();
        double[][] rows = new double[logits.length / v][ids];
        for (int i = 0; i < rows.length; i++) {
            double mass = 0;
            for (int j = 0; j < ids; j++) {
                mass += Math.exp(logits[i * v + j]);
            }
            for (int j = 0; j < ids; j++) {
                rows[i][j] = logits[i * v + j] - Math.log(mass);
            }
        }
        return rows;
    }

    private static float[] floats(ScoreClient.Result result, String tensor) {
        FloatBuffer values = result.tensor(tensor).asFloatBuffer();
        float[] copy = new float[values.remaining()];
        values.get(copy);
        return copy;
    }

    private static int[] ints(List<Integer> values) {
        return values.stream().mapToInt(Integer::intValue).toArray();
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static <T> T await(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }
}
