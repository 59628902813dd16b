// SPDX-License-Identifier: Apache-2.0
package reflux.learner;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import reflux.learner.feed.FeedDoor;
import reflux.learner.ledger.Admitted;
import reflux.learner.ledger.Ledger;
import reflux.learner.ledger.RolloutRequest;
import reflux.learner.ledger.Sample;
import reflux.learner.publish.WeightPublisher;
import reflux.learner.rollout.ResponseSources;
import reflux.learner.rollout.RolloutClient;
import reflux.wire.NotReadyException;

/** Admits rollouts as the ledger's rule allows. Confined to the learner's context. */
final class Intake implements FeedDoor.Intake {
    private final Ledger ledger;
    private final Sources sources;
    private final ResponseSources responses;
    private final WeightPublisher publisher;
    private final RolloutClient.Receiver receiver;
    private boolean isStopped;

    /** @param receiver given what is replayed */
    Intake(
            Ledger ledger,
            Sources sources,
            ResponseSources responses,
            WeightPublisher publisher,
            RolloutClient.Receiver receiver) {
        this.ledger = ledger;
        this.sources = sources;
        this.responses = responses;
        this.publisher = publisher;
        this.receiver = receiver;
    }

    /** Starts what may start now. Throws IllegalArgumentException if no prompt of the files can be used. */
    void admit() {
        long live = publisher.live();
        List<Sample> replayed = new ArrayList<>();
        for (long left = isStopped ? 0 : ledger.mayIssue(live); left > 0; left--) {
            Optional<Sources.Next> next = sources.next(ledger.nextSequence(), live);
            if (next.isEmpty()) {
                break;
            }
            Admitted admitted = ledger.issue(next.get().request(), live);
            next.get()
                    .replayed()
                    .ifPresentOrElse(sample -> replayed.add(sample.as(admitted)), () -> responses.request(admitted));
        }
        replayed.forEach(receiver::sampled);
    }

    /** Admits nothing more; unlike {@link Ledger#close} this is not part of what a checkpoint keeps. */
    void stop() {
        isStopped = true;
    }

    @Override
    public void offer(RolloutRequest request) {
        if (isStopped || ledger.isClosed()) {
            throw new NotReadyException("the run admits no more prompts");
        }
        if (!ledger.isOpen(request.id())) {
            sources.feed(request);
            admit();
        }
    }
}
