// SPDX-License-Identifier: Apache-2.0
package reflux.generator;

import com.google.protobuf.ByteString;
import io.vertx.core.Future;
import io.vertx.grpc.common.GrpcStatus;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;
import reflux.generator.sampling.FinishKind;
import reflux.generator.sampling.Response;
import reflux.generator.sampling.Rollout;
import reflux.generator.sampling.RolloutListener;
import reflux.generator.sampling.RolloutRequest;
import reflux.generator.sampling.TokenRun;
import reflux.rpc.FailureStatus;
import reflux.rpc.ItemListener;
import reflux.rpc.RpcException;
import reflux.v1.FinishReason;
import reflux.v1.ItemStatus;
import reflux.v1.SampleOut;
import reflux.v1.SampleRequest;
import reflux.v1.Sampled;
import reflux.v1.ScoreEnd;
import reflux.v1.ScoreOut;
import reflux.v1.TokenDelta;
import reflux.wire.ItemStatuses;

/**
 * One rollout on a client's stream, from its request to its last message. What it does is confined to the stream's context; what it
 * says is guarded by its lock, because the teachers' frames pass straight through from the lanes' context.
 */
final class SampleItem implements RolloutListener, ItemListener<ScoreOut> {
    private static final int GIVEN_TOKENS_PER_RUN = 4096; // of at most 15 bytes each

    private final SampleStream stream;
    private final String id;
    private final SampleRequest request;
    private @Nullable Rollout rollout;
    private @Nullable String scoreName;
    private boolean isSampled;
    private boolean hasEnded;
    private volatile ScoreEnd scoreEnd = ScoreEnd.getDefaultInstance();

    SampleItem(SampleStream stream, String id, SampleRequest request) {
        this.stream = stream;
        this.id = id;
        this.request = request;
    }

    String id() {
        return id;
    }

    /** Whether this is its id, or that of the request which it is a sample of. */
    boolean isOf(String name) {
        return id.equals(name) || request.getId().equals(name);
    }

    /** Puts the rollout in line, unless it has ended meanwhile. */
    void begin(RolloutRequest what) {
        if (isUnderWay()) {
            rollout = stream.student().sampler().sample(what, this);
        }
    }

    /** Says a response that was given: takes no slot of the sampler. */
    void give(Response response, long policyVersion) {
        int count = response.ids().size();
        for (int from = 0; from < count; from += GIVEN_TOKENS_PER_RUN) {
            int to = Math.min(count, from + GIVEN_TOKENS_PER_RUN);
            tokens(TokenRun.given(response.ids(), from, to, policyVersion));
        }
        finished(response);
    }

    /** Ends it now with what went wrong: its Sampled says so, or its ScoreEnd if it was sampled. */
    void fail(Throwable cause) {
        ItemStatus status = FailureStatus.item(expected(cause));
        SampleOut.Builder last = isSampled
                ? SampleOut.newBuilder()
                        .setScoreEnd(ScoreEnd.newBuilder().setId(id).setStatus(status))
                : SampleOut.newBuilder()
                        .setSampled(Sampled.newBuilder().setId(id).setStatus(status));
        sayLast(last);
        stopWork();
    }

    /** Stops all work for it and says nothing more. */
    void abandon() {
        synchronized (this) {
            hasEnded = true;
        }
        stopWork();
    }

    @Override
    public void tokens(TokenRun run) {
        TokenDelta.Builder delta = TokenDelta.newBuilder().setId(id).setIndex(run.index());
        for (int i = 0; i < run.size(); i++) {
            delta.addTokenIds(run.id(i)).addPolicyVersions(run.policyVersion(i));
            if (run.isSampled()) {
                delta.addLogProbs(run.logProb(i));
            }
            if (run.isMixed()) {
                delta.addBehaviourLogProbs(run.behaviourLogProb(i));
            }
        }
        say(SampleOut.newBuilder().setTokens(delta));
    }

    @Override
    public void finished(Response response) {
        stream.onContext(() -> {
            SampleOut.Builder sampled = SampleOut.newBuilder().setSampled(sampled(response));
            if (request.getPayloadsCount() == 0) {
                sayLast(sampled);
                return;
            }
            say(sampled);
            isSampled = true;
            if (response.ids().size() == 0) {
                fail(new IllegalArgumentException("an empty response cannot be scored"));
            } else if (isUnderWay()) {
                scoreName = stream.scorer().score(request, response, this);
            }
        });
    }

    /** From the engine thread. */
    @Override
    public void failed(Throwable cause) {
        stream.onContext(() -> fail(cause));
    }

    /** From a teacher, on the lanes' context: the lane reads on when the client's stream can take more. */
    @Override
    public Future<Void> message(ScoreOut message) {
        return switch (message.getKindCase()) {
            case BEGIN ->
                say(SampleOut.newBuilder()
                        .setScoreBegin(message.getBegin().toBuilder().setId(id)));
            case FRAME ->
                say(SampleOut.newBuilder()
                        .setScoreFrame(message.getFrame().toBuilder().setId(id)));
            default -> {
                scoreEnd = message.getEnd();
                yield Future.succeededFuture();
            }
        };
    }

    @Override
    public void done() {
        SampleOut.Builder last =
                SampleOut.newBuilder().setScoreEnd(scoreEnd.toBuilder().setId(id));
        stream.onContext(() -> sayLast(last));
    }

    /** From the lanes: no teacher could score it. */
    @Override
    public void failed(RpcException cause) {
        stream.onContext(() -> fail(cause));
    }

    private synchronized boolean isUnderWay() {
        return !hasEnded;
    }

    private synchronized Future<Void> say(SampleOut.Builder message) {
        return hasEnded ? Future.succeededFuture() : stream.write(message);
    }

    private void sayLast(SampleOut.Builder message) {
        synchronized (this) {
            if (hasEnded) {
                return;
            }
            hasEnded = true;
            stream.write(message);
        }
        stream.ended(this);
    }

    private void stopWork() {
        if (rollout != null) {
            rollout.cancel();
        }
        if (scoreName != null) {
            stream.scorer().cancel(scoreName);
        }
    }

    private Sampled sampled(Response response) {
        return Sampled.newBuilder()
                .setId(id)
                .setFinish(reason(response.finish()))
                .setStatus(ItemStatuses.OK)
                .setPromptTokens(response.promptTokens())
                .setResponseTokens(response.ids().size())
                .setResponse(ByteString.copyFrom(response.bytes()))
                .build();
    }

    private static FinishReason reason(FinishKind kind) {
        return switch (kind) {
            case END_TOKEN -> FinishReason.FINISH_REASON_STOP;
            case LENGTH -> FinishReason.FINISH_REASON_LENGTH;
            case STOP_TEXT -> FinishReason.FINISH_REASON_STOP_TEXT;
        };
    }

    private static Throwable expected(Throwable cause) {
        if (cause instanceof CancellationException) {
            return RpcException.of(GrpcStatus.CANCELLED, "cancelled");
        }
        return cause instanceof ArithmeticException
                ? RpcException.of(GrpcStatus.INTERNAL, String.valueOf(cause.getMessage()))
                : cause;
    }
}
