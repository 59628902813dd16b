// SPDX-License-Identifier: Apache-2.0
package reflux.learner;

import java.util.Optional;
import reflux.learner.feed.FeedDoor;
import reflux.learner.ledger.Ledger;
import reflux.learner.ledger.RolloutRequest;
import reflux.learner.publish.WeightPublisher;
import reflux.learner.rollout.RolloutClient;
import reflux.wire.NotReadyException;

/** Admits prompts as the ledger's rule allows, fed ones first. Confined to the learner's context. */
final class Intake implements FeedDoor.Intake {
    private final Ledger ledger;
    private final PromptQueue prompts;
    private final RolloutClient rollouts;
    private final WeightPublisher publisher;
    private boolean isStopped;

    Intake(Ledger ledger, PromptQueue prompts, RolloutClient rollouts, WeightPublisher publisher) {
        this.ledger = ledger;
        this.prompts = prompts;
        this.rollouts = rollouts;
        this.publisher = publisher;
    }

    /** Starts what may start now. Throws IllegalArgumentException if no prompt of the files can be used. */
    void admit() {
        long live = publisher.live();
        for (long left = isStopped ? 0 : ledger.mayIssue(live); left > 0; left--) {
            Optional<RolloutRequest> request = prompts.next();
            if (request.isEmpty()) {
                return;
            }
            rollouts.request(ledger.issue(request.get(), live));
        }
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
            prompts.feed(request);
            admit();
        }
    }
}
