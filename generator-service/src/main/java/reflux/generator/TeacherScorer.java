// SPDX-License-Identifier: Apache-2.0
package reflux.generator;

import com.google.protobuf.ByteString;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reflux.generator.sampling.FinishKind;
import reflux.generator.sampling.Response;
import reflux.model.text.Vocabulary;
import reflux.rpc.FailureStatus;
import reflux.rpc.ItemListener;
import reflux.rpc.LaneItem;
import reflux.rpc.LaneSettings;
import reflux.rpc.Lanes;
import reflux.rpc.PeerAddress;
import reflux.rpc.ReplicaState;
import reflux.v1.Fingerprints;
import reflux.v1.ModelCard;
import reflux.v1.Prompt;
import reflux.v1.SampleRequest;
import reflux.v1.ScoreIn;
import reflux.v1.ScoreOut;
import reflux.v1.ScoreRequest;
import reflux.v1.TeacherReplica;
import reflux.v1.TeacherScoringGrpcClient;
import reflux.wire.ContractMismatchException;
import reflux.wire.FingerprintCheck;

/**
 * Has responses scored, each by the teacher with the fewest tokens under way. A teacher that dies costs nothing: its unfinished
 * items go to another one from their beginning. Items wait while no teacher is there; how many may wait the callers' credits bound.
 */
final class TeacherScorer {
    private static final Logger log = LoggerFactory.getLogger(TeacherScorer.class);

    private final List<PeerAddress> teachers;
    private final Vocabulary vocabulary;
    private final TeacherProtocol protocol;
    private final Lanes<ScoreIn, ScoreOut> lanes;
    private final AtomicLong sequence = new AtomicLong();

    TeacherScorer(Vertx vertx, List<PeerAddress> teachers, Vocabulary vocabulary, String clientId, int maxItems) {
        this.teachers = List.copyOf(teachers);
        this.vocabulary = vocabulary;
        this.protocol = new TeacherProtocol(clientId, maxItems);
        this.lanes = Lanes.create(
                vertx,
                TeacherScoringGrpcClient.Score,
                protocol,
                LaneSettings.defaults().withMaxWaiting(maxItems));
    }

    /** Connects, and stays connected. */
    void start() {
        lanes.onReplica(state ->
                log.info("teacher address={} phase={} detail={}", state.address(), state.phase(), state.detail()));
        lanes.members(teachers);
    }

    /**
     * Refuses what no score could come of, before anything is sampled.
     *
     * @throws ContractMismatchException naming both sides
     */
    void check(SampleRequest request, String client) {
        if (request.getPayloadsCount() == 0) {
            return;
        }
        if (teachers.isEmpty()) {
            throw new ContractMismatchException(
                    "this generator has no teachers: ask without payloads, or name teachers in generator.teachers");
        }
        for (TeacherReplica teacher : connected()) {
            FingerprintCheck.require(
                    expected(request),
                    teacher.getModel().getFingerprints(),
                    client,
                    "teacher " + teacher.getModel().getName() + " at " + teacher.getAddress());
        }
    }

    /**
     * Sends a finished response to a teacher.
     *
     * @return name of the item among the teachers', for {@link #cancel}
     */
    String score(SampleRequest request, Response response, ItemListener<ScoreOut> listener) {
        String name = Long.toHexString(sequence.incrementAndGet());
        ScoreRequest.Builder score = ScoreRequest.newBuilder()
                .setId(name)
                .setPrompt(request.getPrompt())
                .setResponse(ByteString.copyFrom(response.bytes()))
                .setEnded(response.finish() == FinishKind.END_TOKEN)
                .addAllPayloads(request.getPayloadsList())
                .setExpect(expected(request));
        if (teachersReadOurIds() && spellsResponse(response)) {
            score.getExpectBuilder().setTokenizer(vocabulary.fingerprint());
            for (int id : response.ids().toArray()) {
                score.addResponseIds(id);
            }
        }
        long cost = (long) response.promptTokens() + response.ids().size();
        Future<Void> queued = lanes.submit(
                new LaneItem<>(name, cost, ScoreIn.newBuilder().setScore(score).build()), listener);
        queued.onFailure(refused -> listener.failed(FailureStatus.of(refused)));
        return name;
    }

    void cancel(String name) {
        lanes.cancel(name);
    }

    /** The teachers that are connected now. */
    List<TeacherReplica> connected() {
        List<TeacherReplica> connected = new ArrayList<>();
        for (ReplicaState state : lanes.replicas()) {
            ModelCard card = protocol.card(state.address());
            if (state.phase() == ReplicaState.Phase.READY && card != null) {
                connected.add(TeacherReplica.newBuilder()
                        .setAddress(state.address().toString())
                        .setModel(card)
                        .setOutstandingTokens((int) state.cost())
                        .build());
            }
        }
        return connected;
    }

    Future<Void> close() {
        return lanes.close();
    }

    /** What the client expects; where the prompt is ids of our tokenizer, the teacher must have that one too. */
    private Fingerprints expected(SampleRequest request) {
        Fingerprints expected = request.getExpectTeacher();
        boolean isOurs = request.getPrompt().getKindCase() == Prompt.KindCase.IDS
                && expected.getTokenizer().isEmpty();
        return isOurs
                ? expected.toBuilder().setTokenizer(vocabulary.fingerprint()).build()
                : expected;
    }

    private boolean teachersReadOurIds() {
        List<TeacherReplica> connected = connected();
        return !connected.isEmpty()
                && connected.stream().allMatch(teacher -> teacher.getModel()
                        .getFingerprints()
                        .getTokenizer()
                        .equals(vocabulary.fingerprint()));
    }

    /** False after a stop text that begins inside a token. */
    private boolean spellsResponse(Response response) {
        return ByteBuffer.wrap(vocabulary.spellResponse(response.ids().toArray()))
                .equals(response.bytes());
    }
}
