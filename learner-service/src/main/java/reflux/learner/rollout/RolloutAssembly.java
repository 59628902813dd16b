// SPDX-License-Identifier: Apache-2.0
package reflux.learner.rollout;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import reflux.learner.ledger.Admitted;
import reflux.learner.ledger.Finish;
import reflux.learner.ledger.Sample;
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
    private final boolean isGiven;
    private final int[] ids;
    private final ByteBuffer logProbs;
    private final ByteBuffer behaviour;
    private int count;
    private long oldestVersion = Long.MAX_VALUE;
    private @Nullable Sampled sampled;
    private @Nullable ScoreBegin score;
    private @Nullable TensorAssembler tensors;

    /** @param isGiven whether the response was given, so that its tokens have no log-probs */
    RolloutAssembly(Admitted admitted, SamplingPlan plan, boolean isGiven) {
        this.admitted = admitted;
        this.plan = plan;
        this.isGiven = isGiven;
        this.ids = new int[plan.maxNewTokens()];
        this.logProbs = ByteBuffer.allocate(4 * ids.length).order(ByteOrder.LITTLE_ENDIAN);
        this.behaviour = ByteBuffer.allocate(4 * ids.length).order(ByteOrder.LITTLE_ENDIAN);
    }

    void add(SampleOut message) {
        switch (message.getKindCase()) {
            case TOKENS -> addTokens(message.getTokens());
            case SAMPLED -> sampled = message.getSampled();
            case SCORE_BEGIN -> begin(message.getScoreBegin());
            case SCORE_FRAME -> announced(tensors).accept(message.getScoreFrame());
            default -> {}
        }
    }

    /** The whole; CorruptFrameException if something is missing. */
    Sample finish() {
        Sampled end = announced(sampled);
        require(
                end.getResponseTokens() == count,
                end.getResponseTokens() + " tokens were announced, " + count + " came");
        require(count > 0, "it has no tokens");
        return new Sample(
                admitted,
                TokenIds.of(Arrays.copyOf(ids, count)),
                written(logProbs),
                written(behaviour),
                oldestVersion,
                end.getPromptTokens(),
                finish(end.getFinish()),
                end.getResponse(),
                plan.score().isPresent() ? score(end) : Sample.Score.NONE);
    }

    private void addTokens(TokenDelta delta) {
        int more = delta.getTokenIdsCount();
        require(delta.getIndex() == count, "token " + delta.getIndex() + " came where " + count + " was next");
        require(count + more <= ids.length, "more than max_new_tokens = " + ids.length + " tokens came");
        require(delta.getPolicyVersionsCount() == more, "ids and policy_versions are not of one length");
        boolean isMixed = !isGiven && plan.teacherMix() > 0;
        requireCount("log_probs", delta.getLogProbsCount(), isGiven ? 0 : more);
        requireCount("behaviour_log_probs", delta.getBehaviourLogProbsCount(), isMixed ? more : 0);
        for (int i = 0; i < more; i++) {
            ids[count++] = delta.getTokenIds(i);
            oldestVersion = Math.min(oldestVersion, delta.getPolicyVersions(i));
        }
        delta.getLogProbsList().forEach(logProbs::putFloat);
        delta.getBehaviourLogProbsList().forEach(behaviour::putFloat);
    }

    private void begin(ScoreBegin begin) {
        ScorePlan asked = plan.score()
                .orElseThrow(() -> new CorruptFrameException("rollout " + admitted.id() + ": a score came"));
        if (!begin.getLmHeadFingerprint().equals(asked.headFingerprint())) {
            throw new ContractMismatchException("the scores of rollout " + admitted.id() + " belong to the LM head "
                    + begin.getLmHeadFingerprint() + ", this run's is " + asked.headFingerprint());
        }
        require(begin.getTokenIdsCount() == begin.getEndsCount(), "token_ids and ends are not of one length");
        List<TensorHeader> expected = asked.announced(begin.getTokenIdsCount());
        require(
                begin.getTensorsList().equals(expected),
                "tensors " + said(begin.getTensorsList()) + " are announced, " + said(expected) + " were asked for");
        score = begin;
        tensors = TensorAssembler.of(begin.getTensorsList(), MAX_SCORE_BYTES);
    }

    private Sample.Score score(Sampled end) {
        ScoreBegin begin = announced(score);
        TensorAssembler complete = announced(tensors);
        require(complete.isComplete(), "its score is not complete");
        require(begin.getCoveredBytes() <= end.getResponse().size(), "the score covers more bytes than there are");
        return new Sample.Score(
                ids(begin.getTokenIdsList()),
                ids(begin.getEndsList()),
                begin.getCoveredBytes(),
                ScorePlan.read(complete, begin.getTokenIdsCount()));
    }

    private static TokenIds ids(List<Integer> values) {
        return TokenIds.of(values.stream().mapToInt(Integer::intValue).toArray());
    }

    private static ByteBuffer written(ByteBuffer values) {
        return values.duplicate().flip().order(ByteOrder.LITTLE_ENDIAN);
    }

    private static List<String> said(List<TensorHeader> headers) {
        return headers.stream()
                .map(header -> header.getName() + " " + header.getType() + header.getShapeList())
                .toList();
    }

    private void requireCount(String what, int count, int expected) {
        require(count == expected, count + " " + what + " came with tokens that have " + expected);
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
