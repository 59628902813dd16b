// SPDX-License-Identifier: Apache-2.0
package reflux.learner;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import reflux.learner.ledger.Acceptance;
import reflux.learner.ledger.Admitted;
import reflux.learner.ledger.Ledger;
import reflux.learner.ledger.Origin;
import reflux.learner.ledger.Sample;
import reflux.learner.publish.WeightPublisher;
import reflux.learner.rollout.RolloutClient;
import reflux.learner.step.StepResult;
import reflux.rpc.FailureStatus;
import reflux.rpc.PeerAddress;
import reflux.rpc.RpcException;
import reflux.wire.ContractMismatchException;
import reflux.wire.NotReadyException;

/**
 * The learner's loop: admits rollouts as the rule allows, takes them in as they come back, and trains a step whenever a batch
 * is there, while the weights of the step before are on their way to the generators. Nothing here waits; each event does what
 * has become possible. Confined to the learner's context.
 */
final class TrainingLoop implements RolloutClient.Receiver, WeightPublisher.Listener {
    private final LoopParts parts;
    private final LoopParts.Peers peers;
    private final LearnerConfig config;
    private final Ledger ledger;
    private final RunOutput output;
    private final Promise<RunSummary> completion = Promise.promise();
    private long version;
    private boolean isStepping;
    private boolean isEnding;
    private Optional<String> stopReason = Optional.empty();

    /** @param connect makes the peers, which tell the loop what happens */
    TrainingLoop(LoopParts parts, long version, Function<TrainingLoop, LoopParts.Peers> connect) {
        this.parts = parts;
        this.config = parts.config();
        this.ledger = parts.ledger();
        this.version = version;
        this.peers = connect.apply(this);
        this.output = new RunOutput(parts, peers);
    }

    /** Publishes the weights that it starts from, and asks again for what a run before had under way. */
    Future<Void> start() {
        parts.log().started(config, version);
        ledger.outstanding().forEach(peers.rollouts()::request);
        peers.publisher().start();
        return output.begin(version).onSuccess(ready -> admit());
    }

    /** The totals when the run has ended; fails if it cannot go on. */
    Future<RunSummary> completion() {
        return completion.future();
    }

    /** Admits nothing more; what is open is trained, and the run ends. */
    void close() {
        ledger.close();
        step();
    }

    /** Ends the run after the step that is going on, with a checkpoint from which it can be resumed. */
    void stop(String reason) {
        stopReason = Optional.of(reason);
        peers.intake().stop();
        step();
    }

    /** Whether a step is under way: then nobody is waited for, however long it takes. */
    boolean isStepping() {
        return isStepping;
    }

    LoopParts.Peers peers() {
        return peers;
    }

    private void admit() {
        try {
            peers.intake().admit();
        } catch (IllegalArgumentException e) {
            fail(e);
        }
    }

    private void step() {
        if (isStepping || isEnding) {
            return;
        }
        if (stopReason.isPresent()) {
            end(false, stopReason.get());
            return;
        }
        List<Sample> batch = ledger.take(version);
        if (!batch.isEmpty()) {
            isStepping = true;
            var step = parts.student().train(batch, version);
            step.onSuccess(result -> trained(batch, result)).onFailure(this::fail);
        } else if (ledger.isClosed() && ledger.isEmpty()) {
            end(true, version < config.maxSteps() ? "max_seconds reached" : "max_steps reached");
        }
    }

    private void trained(List<Sample> batch, StepResult result) {
        isStepping = false;
        ledger.trained(batch);
        parts.sources().trained(batch, version + 1);
        var done = parts.progress().add(batch, result, version);
        version++;
        parts.log().step(done, ledger.counts());
        FedOutcomes.of(batch, result, version).forEach(peers.feed()::trained);
        output.stepped(version).onFailure(this::fail);
        admit();
        step();
    }

    private void end(boolean isCompleted, String reason) {
        isEnding = true;
        peers.intake().stop();
        output.end(version, isCompleted, reason)
                .onSuccess(completion::tryComplete)
                .onFailure(this::fail);
    }

    private void fail(Throwable cause) {
        isEnding = true;
        peers.intake().stop();
        if (completion.tryFail(cause)) {
            parts.log().failed(String.valueOf(cause.getMessage()));
            peers.feed().refuseOpen(FailureStatus.item(new NotReadyException("the run has failed")));
        }
    }

    @Override
    public void sampled(Sample sample) {
        Acceptance acceptance = ledger.accept(sample);
        if (acceptance == Acceptance.OLDER_THAN_ADMITTED) {
            peers.rollouts().request(sample.admitted());
        }
        step();
    }

    @Override
    public void refused(Admitted admitted, RpcException cause) {
        if (ledger.refuse(admitted.id()).isEmpty()) {
            return;
        }
        parts.log().refused(admitted, cause);
        if (admitted.origin() == Origin.FEED) {
            peers.feed().refused(admitted.id(), FailureStatus.item(cause));
        }
        if (ledger.counts().trained() == 0 && ledger.counts().refused() >= config.rolloutsPerStep()) {
            fail(new IllegalArgumentException("the generators refuse every prompt: " + cause.getMessage()));
        }
        admit();
        step();
    }

    @Override
    public void mismatched(String fact) {
        fail(new ContractMismatchException(fact));
    }

    @Override
    public void liveChanged() {
        peers.rollouts().members(peers.publisher().upToDate());
        admit();
        step();
    }

    @Override
    public void published(long published, PeerAddress generator, double seconds) {
        parts.log().published(published, generator, seconds);
    }

    @Override
    public void refused(PeerAddress generator, RpcException cause) {
        fail(new ContractMismatchException("generator " + generator + " refuses the weights: " + cause.getMessage()));
    }
}
