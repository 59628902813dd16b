// SPDX-License-Identifier: Apache-2.0
package reflux.learner.rollout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;
import reflux.learner.ledger.Admitted;
import reflux.learner.ledger.Finish;
import reflux.learner.ledger.Origin;
import reflux.learner.ledger.Sample;
import reflux.learner.ledger.ScoreTensor;
import reflux.model.text.PromptText;
import reflux.model.text.TokenIds;
import reflux.v1.DataType;
import reflux.v1.FinishReason;
import reflux.v1.SampleOut;
import reflux.v1.Sampled;
import reflux.v1.ScoreBegin;
import reflux.v1.TokenDelta;
import reflux.wire.ContractMismatchException;
import reflux.wire.CorruptFrameException;
import reflux.wire.TensorFrames;
import reflux.wire.TensorHeaders;

class RolloutAssemblyTest {
    private static final int WIDTH = 3;
    private static final SamplingPlan PLAN = new SamplingPlan(1, 0, 1, 4, 42, DataType.DATA_TYPE_F32, WIDTH, "head");

    private final RolloutAssembly assembly =
            new RolloutAssembly(new Admitted("r", new PromptText.Text("hello"), "", Origin.FILE, 0, 2), PLAN);

    @Test
    void messagesInOrder_makeASample() {
        assembly.add(tokens(0, 3, 5));
        assembly.add(tokens(1, 2, 6));
        assembly.add(sampled(2));
        assembly.add(begin("head", 2));
        frames(2).forEach(assembly::add);

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
        frames(1).forEach(assembly::add);

        assertThat(assembly.finish().score().tokens().size()).isEqualTo(1);
    }

    @Test
    void scoreCutShort_isCorrupt() {
        assembly.add(tokens(0, 3, 5));
        assembly.add(sampled(1));
        assembly.add(begin("head", 2));

        assertThatThrownBy(assembly::finish)
                .isInstanceOf(CorruptFrameException.class)
                .hasMessage("rollout r: its hidden states are not complete");
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
        ScoreBegin.Builder begin = ScoreBegin.newBuilder()
                .setId("r")
                .setCoveredBytes(2)
                .setLmHeadFingerprint(head)
                .addTensors(TensorHeaders.of("hidden", DataType.DATA_TYPE_F32, tokens, WIDTH));
        for (int i = 1; i <= tokens; i++) {
            begin.addTokenIds(i).addEnds(i);
        }
        return SampleOut.newBuilder().setScoreBegin(begin).build();
    }

    private static List<SampleOut> frames(int tokens) {
        TensorFrames frames = TensorFrames.cut("r", List.of(ByteBuffer.allocate(4 * tokens * WIDTH)));
        List<SampleOut> messages = new java.util.ArrayList<>();
        while (frames.hasNext()) {
            messages.add(SampleOut.newBuilder().setScoreFrame(frames.next()).build());
        }
        return messages;
    }
}
