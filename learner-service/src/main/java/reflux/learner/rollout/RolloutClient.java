// SPDX-License-Identifier: Apache-2.0
package reflux.learner.rollout;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reflux.learner.ledger.Admitted;
import reflux.learner.ledger.Sample;
import reflux.rpc.FailureStatus;
import reflux.rpc.ItemListener;
import reflux.rpc.LaneItem;
import reflux.rpc.LaneSettings;
import reflux.rpc.Lanes;
import reflux.rpc.PeerAddress;
import reflux.rpc.ReplicaState;
import reflux.rpc.RpcException;
import reflux.v1.SampleIn;
import reflux.v1.SampleOut;
import reflux.v1.StudentGeneratorGrpcClient;
import reflux.wire.CapacityException;
import reflux.wire.ContractMismatchException;
import reflux.wire.CorruptFrameException;

/**
 * Asks the generators for rollouts. Each is tried until it is there, here or elsewhere, always under the same id and seed;
 * it comes back once as a sample, or once as refused if no generator could ever do it. Confined to the learner's context.
 */
public final class RolloutClient {
    private static final Logger log = LoggerFactory.getLogger(RolloutClient.class);
    private static final long RETRY_MILLIS = 500;
    private static final int MAX_CORRUPT = 5;
    private static final int MAX_ATTEMPTS = 10_000;

    /** Who is told what became of rollouts. */
    public interface Receiver {
        void sampled(Sample sample);

        /** It failed and would fail again. */
        void refused(Admitted admitted, RpcException cause);

        /** A generator or its teacher does not fit this run at all. */
        void mismatched(String fact);
    }

    private final Vertx vertx;
    private final SamplingPlan plan;
    private final Receiver receiver;
    private final Lanes<SampleIn, SampleOut> lanes;
    private boolean isClosed;

    /**
     * @param atOnce most rollouts that are open at once
     * @param tokenizer fingerprint that the generators' tokenizer must have; empty = any
     */
    public RolloutClient(
            Vertx vertx, String clientId, SamplingPlan plan, int atOnce, String tokenizer, Receiver receiver) {
        this.vertx = vertx;
        this.plan = plan;
        this.receiver = receiver;
        LaneSettings defaults = LaneSettings.defaults();
        LaneSettings settings = new LaneSettings(
                defaults.client(),
                atOnce,
                MAX_ATTEMPTS,
                defaults.backOffFirst(),
                Duration.ofSeconds(2),
                defaults.itemSilence());
        this.lanes = Lanes.create(
                vertx,
                StudentGeneratorGrpcClient.Sample,
                new SampleProtocol(clientId, atOnce, tokenizer, plan.score().isPresent()),
                settings);
    }

    /** Calls for each change of a generator's phase; set before {@link #members}. */
    public void onReplica(Consumer<ReplicaState> handler) {
        lanes.onReplica(handler);
    }

    /** The generators that may be asked from now on. */
    public void members(Collection<PeerAddress> generators) {
        lanes.members(generators);
    }

    public List<ReplicaState> replicas() {
        return lanes.replicas();
    }

    /** Asks for a rollout whose response is to be sampled. */
    public void request(Admitted admitted) {
        submit(new Attempts(admitted, Optional.empty()));
    }

    /** Asks for a rollout whose response is there. */
    void request(Admitted admitted, GivenResponse given) {
        submit(new Attempts(admitted, Optional.of(given)));
    }

    public Future<Void> close() {
        isClosed = true;
        return lanes.close();
    }

    private void submit(Attempts attempts) {
        LaneItem<SampleIn> item = new LaneItem<>(
                attempts.admitted.id(), plan.maxNewTokens(), plan.request(attempts.admitted, attempts.given));
        lanes.submit(item, attempts).onFailure(cause -> retryLater(attempts, cause));
    }

    private void retryLater(Attempts attempts, Throwable cause) {
        if (!isClosed) {
            log.warn("rollout waits id={} cause={}", attempts.admitted.id(), cause.getMessage());
            vertx.setTimer(RETRY_MILLIS, timer -> {
                if (!isClosed) {
                    submit(attempts);
                }
            });
        }
    }

    /** One rollout over all its attempts. */
    private final class Attempts implements ItemListener<SampleOut> {
        private final Admitted admitted;
        private final Optional<GivenResponse> given;
        private RolloutAssembly assembly;
        private int corrupt;

        Attempts(Admitted admitted, Optional<GivenResponse> given) {
            this.admitted = admitted;
            this.given = given;
            this.assembly = assembly();
        }

        private RolloutAssembly assembly() {
            return new RolloutAssembly(admitted, plan, given.isPresent());
        }

        @Override
        public void started(PeerAddress replica, int attempt) {
            assembly = assembly();
        }

        @Override
        public Future<Void> message(SampleOut message) {
            try {
                assembly.add(message);
                return Future.succeededFuture();
            } catch (ContractMismatchException e) {
                receiver.mismatched(String.valueOf(e.getMessage()));
                return Future.failedFuture(e);
            } catch (IllegalArgumentException | CorruptFrameException | CapacityException e) {
                return Future.failedFuture(e);
            }
        }

        @Override
        public void done() {
            Sample sample;
            try {
                sample = assembly.finish();
            } catch (CorruptFrameException e) {
                corrupted(FailureStatus.of(e));
                return;
            }
            receiver.sampled(sample);
        }

        @Override
        public void failed(RpcException cause) {
            if (isClosed) {
                return;
            }
            switch (cause.status()) {
                case DATA_LOSS -> corrupted(cause);
                case FAILED_PRECONDITION -> receiver.mismatched(String.valueOf(cause.getMessage()));
                case INVALID_ARGUMENT, OUT_OF_RANGE, NOT_FOUND, UNIMPLEMENTED, PERMISSION_DENIED ->
                    receiver.refused(admitted, cause);
                default -> retryLater(this, cause);
            }
        }

        /** A reply that makes no sense is asked for again a few times; a peer that always sends such is not waited for. */
        private void corrupted(RpcException cause) {
            if (++corrupt < MAX_CORRUPT) {
                retryLater(this, cause);
            } else {
                receiver.refused(admitted, cause);
            }
        }
    }
}
