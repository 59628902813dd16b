// SPDX-License-Identifier: Apache-2.0
package reflux.learner.feed;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import reflux.learner.ledger.FedOutcome;
import reflux.learner.ledger.Finish;
import reflux.learner.ledger.Origin;
import reflux.learner.ledger.RolloutRequest;
import reflux.learner.rollout.WirePrompts;
import reflux.rpc.InboundStream;
import reflux.rpc.StreamWriter;
import reflux.v1.FeedIn;
import reflux.v1.FeedOut;
import reflux.v1.FeedPrompt;
import reflux.v1.FinishReason;
import reflux.v1.ItemStatus;
import reflux.v1.Limits;
import reflux.v1.ModelCard;
import reflux.v1.Outcome;
import reflux.v1.Refused;
import reflux.v1.Welcome;
import reflux.wire.Identifiers;
import reflux.wire.Prompts;

/**
 * Where clients feed prompts. An id is trained on once: sent again while it is open it is waited for again, sent again later its
 * outcome is told again, as long as the window of outcomes holds it. Confined to the learner's context.
 */
public final class FeedDoor {
    private static final int WINDOW = 10_000;
    private static final Pattern FILE_ID = Pattern.compile("e\\d+-\\d+(/\\d+)?");
    private static final Pattern REPLAY_ID = Pattern.compile(".*@r\\d+", Pattern.DOTALL);

    /** Takes new prompts in. */
    public interface Intake {
        /** Queues a prompt, or throws what {@link reflux.rpc.FailureStatus} knows if it cannot be trained on. */
        void offer(RolloutRequest request);
    }

    private final ModelCard model;
    private final Limits limits;
    private final Intake intake;
    private final Map<String, List<FeedStream>> open = new HashMap<>();
    private final Cache<String, FedOutcome> outcomes =
            Caffeine.newBuilder().maximumSize(WINDOW).build();

    public FeedDoor(ModelCard model, Limits limits, Intake intake) {
        this.model = model;
        this.limits = limits;
        this.intake = intake;
    }

    /** Serves Learner.Feed. */
    public void serve(InboundStream<FeedIn> in, StreamWriter<FeedOut> out) {
        new FeedStream(this, in, out).start();
    }

    /** Outcomes of an earlier part of the run. */
    public void restore(Collection<FedOutcome> earlier) {
        earlier.forEach(outcome -> outcomes.put(outcome.id(), outcome));
    }

    /** Outcomes that the window holds. */
    public List<FedOutcome> outcomes() {
        return new ArrayList<>(outcomes.asMap().values());
    }

    /** Tells who fed the prompt. */
    public void trained(FedOutcome outcome) {
        outcomes.put(outcome.id(), outcome);
        for (FeedStream stream : take(outcome.id())) {
            stream.end(outcome.id(), message(outcome));
        }
    }

    /** Tells who fed the prompt that it will not be trained on. */
    public void refused(String id, ItemStatus status) {
        for (FeedStream stream : take(id)) {
            stream.end(id, refusal(id, status));
        }
    }

    /** Refuses what is still open: the run has ended. */
    public void refuseOpen(ItemStatus status) {
        List.copyOf(open.keySet()).forEach(id -> refused(id, status));
    }

    Welcome welcome() {
        return Welcome.newBuilder().setModel(model).setLimits(limits).build();
    }

    int maxItems() {
        return limits.getMaxItemsInFlight();
    }

    /** What is known of an id that was trained on. */
    @Nullable
    FeedOut known(String id) {
        FedOutcome outcome = outcomes.getIfPresent(id);
        return outcome == null ? null : message(outcome);
    }

    /** Takes a prompt in, or waits with others for it. */
    void accept(FeedPrompt prompt, FeedStream stream) {
        Identifiers.check(prompt.getId());
        Prompts.check(prompt.getPrompt(), limits);
        if (FILE_ID.matcher(prompt.getId()).matches()) {
            throw new IllegalArgumentException(
                    "id " + prompt.getId() + " is of the form of file prompts, e<epoch>-<line>; choose another");
        }
        if (REPLAY_ID.matcher(prompt.getId()).matches()) {
            throw new IllegalArgumentException(
                    "id " + prompt.getId() + " is of the form of replayed samples, <id>@r<n>; choose another");
        }
        List<FeedStream> waiting = open.get(prompt.getId());
        if (waiting == null) {
            intake.offer(new RolloutRequest(prompt.getId(), WirePrompts.fromWire(prompt.getPrompt()), "", Origin.FEED));
            waiting = open.computeIfAbsent(prompt.getId(), id -> new ArrayList<>());
        }
        waiting.add(stream);
    }

    void forget(FeedStream stream) {
        open.values().forEach(waiting -> waiting.removeIf(stream::equals));
    }

    static FeedOut refusal(String id, ItemStatus status) {
        return FeedOut.newBuilder()
                .setRefused(Refused.newBuilder().setId(id).setStatus(status))
                .build();
    }

    private List<FeedStream> take(String id) {
        List<FeedStream> waiting = open.remove(id);
        return waiting == null ? List.of() : waiting;
    }

    private static FeedOut message(FedOutcome outcome) {
        return FeedOut.newBuilder()
                .setOutcome(Outcome.newBuilder()
                        .setId(outcome.id())
                        .setStep(outcome.step())
                        .setResponse(outcome.response())
                        .setFinish(reason(outcome.finish()))
                        .setResponseTokens(outcome.responseTokens())
                        .setStaleness(outcome.staleness())
                        .setKlPerToken(outcome.klPerToken())
                        .setAlignRatio(outcome.alignRatio()))
                .build();
    }

    private static FinishReason reason(Finish finish) {
        return switch (finish) {
            case STOP -> FinishReason.FINISH_REASON_STOP;
            case LENGTH -> FinishReason.FINISH_REASON_LENGTH;
            case STOP_TEXT -> FinishReason.FINISH_REASON_STOP_TEXT;
        };
    }
}
