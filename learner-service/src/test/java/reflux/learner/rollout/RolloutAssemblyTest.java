// SPDX-License-Identifier: Apache-2.0
package reflux.learner.rollout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import reflux.learner.ledger.Admitted;
import reflux.learner.ledger.Finish;
import reflux.learner.ledger.Origin;
import reflux.learner.ledger.Sample;
import reflux.learner.ledger.ScoreTensor;
import reflux.learner.objective.Needs;
import reflux.model.text.PromptText;
import reflux.model.text.TokenIds;
import reflux.v1.DataType;
import reflux.v1.FinishReason;
import reflux.v1.SampleOut;
import reflux.v1.Sampled;
import reflux.v1.ScoreBegin;
import reflux.v1.TensorHeader;
import reflux.v1.TokenDelta;
import reflux.wire.ContractMismatchException;
import reflux.wire.CorruptFrameException;
import reflux.wire.TensorFrames;
import reflux.wire.TensorHeaders;

class RolloutAssemblyTest {
    private static final int WIDTH = 3;
    private static final Needs HIDDEN = Needs.hiddenStates(Needs.Vocabularies.ANY);

    private final RolloutAssembly assembly = assembly(Origin.FILE, plan(0, Optional.of(HIDDEN)));

    @Test
    void messagesInOrder_makeASample() {
        assembly.add(tokens(0, 3, 5));
        assembly.add(tokens(1, 2, 6));
        assembly.add(sampled(2));
        assembly.add(begin("head", 2));
        frames(4 * 2 * WIDTH).forEach(assembly::add);

        Sample sample = assembly.finish();

        assertThat(sample.tokens()).isEqualTo(TokenIds.of(5, 6));
        assertThat(sample.oldestVersion()).isEqualTo(2);
        assertThat(sample.finish()).isEqualTo(Finish.STOP);
        assertThat(sample.score().tokens()).isEqualTo(TokenIds.of(1, 2));
        assertThat(sample.score().tensor(ScoreTensor.HIDDEN).values().remaining())
                .isEqualTo(4 * 2 * WIDTH);
    }

    @Test
    void secondScoreBegin_startsTheScoreAnew() {
        assembly.add(tokens(0, 3, 5));
        assembly.add(sampled(1));
        assembly.add(begin("head", 2));
        assembly.add(begin("head", 1));
        frames(4 * WIDTH).forEach(assembly::add);

        assertThat(assembly.finish().score().tokens().size()).isEqualTo(1);
    }

    @Test
    void scoreCutShort_isCorrupt() {
        assembly.add(tokens(0, 3, 5));
        assembly.add(sampled(1));
        assembly.add(begin("head", 2));

        assertThatThrownBy(assembly::finish)
                .isInstanceOf(CorruptFrameException.class)
                .hasMessage("rollout r: its score is not complete");
    }

    @Test
    void tokensOutOfOrderOrTooMany_areCorrupt() {
        assembly.add(tokens(0, 3, 5));

        assertThatThrownBy(() -> assembly.add(tokens(2, 3, 5))).hasMessage("rollout r: token 2 came where 1 was next");
        assertThatThrownBy(() -> assembly.add(tokens(1, 3, 5, 6, 7, 8)))
                .hasMessage("rollout r: more than max_new_tokens = 4 tokens came");
    }

    @Test
    void headOfAnotherTeacher_isAMismatch() {
        assertThatThrownBy(() -> assembly.add(begin("other", 1)))
                .isInstanceOf(ContractMismatchException.class)
                .hasMessageContaining("belong to the LM head other, this run's is head");
    }

    @Test
    void otherTensorsThanAskedFor_areCorrupt() {
        RolloutAssembly topK = assembly(Origin.FILE, plan(0, Optional.of(Needs.topK(2))));

        assertThatThrownBy(() -> topK.add(begin("head", 1)))
                .isInstanceOf(CorruptFrameException.class)
                .hasMessageContaining("[hidden DATA_TYPE_F32[1, 3]] are announced")
                .hasMessageContaining("top_ids DATA_TYPE_I32[1, 2]");
    }

    @Test
    void topKScore_isReadByName() {
        RolloutAssembly topK = assembly(Origin.FILE, plan(0, Optional.of(Needs.topK(2))));
        topK.add(tokens(0, 3, 5));
        topK.add(sampled(1));
        topK.add(begin(
                "head",
                1,
                TensorHeaders.of("top_ids", DataType.DATA_TYPE_I32, 1, 2),
                TensorHeaders.of("top_log_probs", DataType.DATA_TYPE_F32, 1, 2),
                TensorHeaders.of("tail_log_mass", DataType.DATA_TYPE_F32, 1)));
        frames(8, 8, 4).forEach(topK::add);

        Sample.Score score = topK.finish().score();

        assertThat(score.tensors()).hasSize(3);
        assertThat(score.tensor("top_ids").width()).isEqualTo(2);
        assertThat(score.tensor("tail_log_mass").width()).isEqualTo(1);
    }

    @Test
    void nothingScored_isCompleteWhenSampled() {
        RolloutAssembly bare = assembly(Origin.FILE, plan(0, Optional.empty()));
        bare.add(tokens(0, 3, 5));
        bare.add(sampled(1));

        assertThat(bare.finish().score().isPresent()).isFalse();
    }

    @Test
    void givenResponse_hasNoLogProbs() {
        RolloutAssembly given = assembly(Origin.DATASET, plan(0.2, Optional.empty()));
        given.add(given(5, 6));
        given.add(sampled(2));

        assertThat(given.finish().logProbs().remaining()).isZero();
        assertThatThrownBy(
                        () -> assembly(Origin.FILE, plan(0, Optional.empty())).add(given(5)))
                .hasMessage("rollout r: 0 log_probs came with tokens that have 1");
    }

    @Test
    void mixedSampling_bringsBothLogProbs() {
        RolloutAssembly mixed = assembly(Origin.FILE, plan(0.2, Optional.empty()));
        mixed.add(SampleOut.newBuilder()
                .setTokens(TokenDelta.newBuilder()
                        .setId("r")
                        .addTokenIds(5)
                        .addLogProbs(-1)
                        .addPolicyVersions(3)
                        .addBehaviourLogProbs(-2))
                .build());
        mixed.add(sampled(1));

        Sample sample = mixed.finish();

        assertThat(sample.logProbs().getFloat(0)).isEqualTo(-1);
        assertThat(sample.behaviourLogProbs().getFloat(0)).isEqualTo(-2);
        assertThatThrownBy(
                        () -> assembly(Origin.FILE, plan(0.2, Optional.empty())).add(tokens(0, 3, 5)))
                .hasMessage("rollout r: 0 behaviour_log_probs came with tokens that have 1");
    }

    private static SamplingPlan plan(double teacherMix, Optional<Needs> needs) {
        return new SamplingPlan(
                1,
                0,
                1,
                teacherMix,
                4,
                42,
                needs.map(asked -> new ScorePlan(asked, DataType.DATA_TYPE_F32, WIDTH, "head")));
    }

    private static RolloutAssembly assembly(Origin origin, SamplingPlan plan) {
        Admitted admitted = new Admitted("r", new PromptText.Text("hello"), "", origin, 0, 2);
        return new RolloutAssembly(admitted, plan, origin.isGiven());
    }

    private static SampleOut given(int... ids) {
        TokenDelta.Builder delta = TokenDelta.newBuilder().setId("r");
        for (int id : ids) {
            delta.addTokenIds(id).addPolicyVersions(2);
        }
        return SampleOut.newBuilder().setTokens(delta).build();
    }

    private static SampleOut tokens(int index, long version, int... ids) {
        TokenDelta.Builder delta = TokenDelta.newBuilder().setId("r").setIndex(index);
        for (int id : ids) {
            delta.addTokenIds(id).addLogProbs(-1).addPolicyVersions(version);
        }
        return SampleOut.newBuilder().setTokens(delta).build();
    }

    private static SampleOut sampled(int tokens) {
        return SampleOut.newBuilder()
                .setSampled(Sampled.newBuilder()
                        .setId("r")
                        .setFinish(FinishReason.FINISH_REASON_STOP)
                        .setResponseTokens(tokens)
                        .setPromptTokens(1)
                        .setResponse(ByteString.copyFromUtf8("ab")))
                .build();
    }

    private static SampleOut begin(String head, int tokens) {
        return begin(head, tokens, TensorHeaders.of("hidden", DataType.DATA_TYPE_F32, tokens, WIDTH));
    }

    private static SampleOut begin(String head, int tokens, TensorHeader... tensors) {
        ScoreBegin.Builder begin = ScoreBegin.newBuilder()
                .setId("r")
                .setCoveredBytes(2)
                .setLmHeadFingerprint(head)
                .addAllTensors(List.of(tensors));
        for (int i = 1; i <= tokens; i++) {
            begin.addTokenIds(i).addEnds(i);
        }
        return SampleOut.newBuilder().setScoreBegin(begin).build();
    }

    /** @param bytes of each tensor */
    private static List<SampleOut> frames(int... bytes) {
        TensorFrames frames = TensorFrames.cut(
                "r", Arrays.stream(bytes).mapToObj(ByteBuffer::allocate).toList());
        List<SampleOut> messages = new ArrayList<>();
        while (frames.hasNext()) {
            messages.add(SampleOut.newBuilder().setScoreFrame(frames.next()).build());
        }
        return messages;
    }
}
