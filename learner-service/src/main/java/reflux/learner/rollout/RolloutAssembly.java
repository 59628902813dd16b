// SPDX-License-Identifier: Apache-2.0
package reflux.learner.rollout;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import reflux.learner.ledger.Admitted;
import reflux.learner.ledger.Finish;
import reflux.learner.ledger.Sample;
import reflux.learner.ledger.ScoreTensor;
import reflux.model.engine.DataType;
import reflux.model.text.TokenIds;
import reflux.v1.FinishReason;
import reflux.v1.SampleOut;
import reflux.v1.Sampled;
import reflux.v1.ScoreBegin;
import reflux.v1.TensorHeader;
import reflux.v1.TokenDelta;
import reflux.wire.ContractMismatchException;
import reflux.wire.CorruptFrameException;
import reflux.wire.TensorAssembler;

/**
 * Puts one rollout together from its messages. A second score_begin (the generator's teacher was lost) starts the score anew.
 * What contradicts the contract is a CorruptFrameException.
 */
final class RolloutAssembly {
    private static final long MAX_SCORE_BYTES = 1L << 30;

    private final Admitted admitted;
    private final SamplingPlan plan;
    private final int[] ids;
    private final ByteBuffer logProbs;
    private int count;
    private long oldestVersion = Long.MAX_VALUE;
    private @Nullable Sampled sampled;
    private @Nullable ScoreBegin score;
    private @Nullable TensorAssembler hidden;

    RolloutAssembly(Admitted admitted, SamplingPlan plan) {
        this.admitted = admitted;
        this.plan = plan;
        this.ids = new int[plan.maxNewTokens()];
        this.logProbs = ByteBuffer.allocate(4 * ids.length).order(ByteOrder.LITTLE_ENDIAN);
    }

    void add(SampleOut message) {
        switch (message.getKindCase()) {
            case TOKENS -> addTokens(message.getTokens());
            case SAMPLED -> sampled = message.getSampled();
            case SCORE_BEGIN -> begin(message.getScoreBegin());
            case SCORE_FRAME -> announced(hidden).accept(message.getScoreFrame());
            default -> {}
        }
    }

    /** The whole; CorruptFrameException if something is missing. */
    Sample finish() {
        Sampled end = announced(sampled);
        ScoreBegin begin = announced(score);
        TensorAssembler states = announced(hidden);
        require(states.isComplete(), "its hidden states are not complete");
        require(
                end.getResponseTokens() == count,
                end.getResponseTokens() + " tokens were announced, " + count + " came");
        require(count > 0, "it has no tokens");
        require(begin.getCoveredBytes() <= end.getResponse().size(), "the score covers more bytes than there are");
        return new Sample(
                admitted,
                TokenIds.of(Arrays.copyOf(ids, count)),
                logProbs.duplicate().flip().order(ByteOrder.LITTLE_ENDIAN),
                ByteBuffer.allocate(0),
                oldestVersion,
                end.getPromptTokens(),
                finish(end.getFinish()),
                end.getResponse(),
                score(begin, states));
    }

    private void addTokens(TokenDelta delta) {
        int more = delta.getTokenIdsCount();
        require(delta.getIndex() == count, "token " + delta.getIndex() + " came where " + count + " was next");
        require(count + more <= ids.length, "more than max_new_tokens = " + ids.length + " tokens came");
        require(
                delta.getLogProbsCount() == more && delta.getPolicyVersionsCount() == more,
                "ids, log_probs and policy_versions are not of one length");
        for (int i = 0; i < more; i++) {
            ids[count++] = delta.getTokenIds(i);
            logProbs.putFloat(delta.getLogProbs(i));
            oldestVersion = Math.min(oldestVersion, delta.getPolicyVersions(i));
        }
    }

    private void begin(ScoreBegin begin) {
        if (!begin.getLmHeadFingerprint().equals(plan.headFingerprint())) {
            throw new ContractMismatchException("the scores of rollout " + admitted.id() + " belong to the LM head "
                    + begin.getLmHeadFingerprint() + ", this run's is " + plan.headFingerprint());
        }
        require(begin.getTokenIdsCount() == begin.getEndsCount(), "token_ids and ends are not of one length");
        require(
                begin.getTensorsCount() == 1,
                "one tensor was asked for, " + begin.getTensorsCount() + " are announced");
        TensorHeader header = begin.getTensors(0);
        List<Long> expected = List.of((long) begin.getTokenIdsCount(), (long) plan.teacherWidth());
        require(
                header.getShapeList().equals(expected) && header.getType() == plan.scoreType(),
                "hidden states are " + header.getType() + header.getShapeList() + ", expected " + plan.scoreType()
                        + expected);
        score = begin;
        hidden = TensorAssembler.of(begin.getTensorsList(), MAX_SCORE_BYTES);
    }

    private Sample.Score score(ScoreBegin begin, TensorAssembler states) {
        return new Sample.Score(
                TokenIds.of(begin.getTokenIdsList().stream()
                        .mapToInt(Integer::intValue)
                        .toArray()),
                TokenIds.of(
                        begin.getEndsList().stream().mapToInt(Integer::intValue).toArray()),
                begin.getCoveredBytes(),
                Map.of(
                        ScoreTensor.HIDDEN,
                        new ScoreTensor(
                                switch (plan.scoreType()) {
                                    case DATA_TYPE_F32 -> DataType.F32;
                                    case DATA_TYPE_F16 -> DataType.F16;
                                    default -> DataType.BF16;
                                },
                                begin.getTokenIdsCount(),
                                plan.teacherWidth(),
                                states.tensor(0))));
    }

    private Finish finish(FinishReason reason) {
        return switch (reason) {
            case FINISH_REASON_STOP -> Finish.STOP;
            case FINISH_REASON_LENGTH -> Finish.LENGTH;
            case FINISH_REASON_STOP_TEXT -> Finish.STOP_TEXT;
            case FINISH_REASON_UNSPECIFIED, UNRECOGNIZED ->
                throw new CorruptFrameException("rollout " + admitted.id() + ": it does not say why it ended");
        };
    }

    private <T> T announced(@Nullable T part) {
        if (part == null) {
            throw new CorruptFrameException("rollout " + admitted.id() + ": messages are missing or out of order");
        }
        return part;
    }

    private void require(boolean holds, String fact) {
        if (!holds) {
            throw new CorruptFrameException("rollout " + admitted.id() + ": " + fact);
        }
    }
}
