// SPDX-License-Identifier: Apache-2.0
package reflux.learner;

import java.util.List;
import java.util.Optional;
import reflux.learner.data.AdaptiveSchedule;
import reflux.learner.data.Cursor;
import reflux.learner.data.ReplayBuffer;
import reflux.learner.data.SourceRule;
import reflux.learner.ledger.Origin;
import reflux.learner.ledger.RolloutRequest;
import reflux.learner.ledger.Sample;

/**
 * What a run trains on, one rollout after another: fed prompts first, then what the rule of sources says. Confined to the
 * learner's context.
 */
final class Sources {
    private final PromptQueue prompts;
    private final SourceRule rule;
    private final ReplayBuffer replay;

    Sources(PromptQueue prompts, SourceRule rule, ReplayBuffer replay) {
        this.prompts = prompts;
        this.rule = rule;
        this.replay = replay;
    }

    /**
     * What is to be admitted next.
     *
     * @param replayed the sample itself, where it is trained again
     */
    record Next(RolloutRequest request, Optional<Sample> replayed) {}

    /**
     * What takes the next place; empty while nothing waits. Throws IllegalArgumentException if no line of the files can be
     * used.
     *
     * @param sequence of the place in the order of admission
     * @param step done by the policy that is live
     */
    Optional<Next> next(long sequence, long step) {
        SourceRule.Place place = new SourceRule.Place(sequence, step, replay.isFull());
        if (!prompts.hasFed() && rule.replays(place)) {
            Optional<ReplayBuffer.Replay> drawn = replay.draw(sequence);
            if (drawn.isPresent()) {
                return drawn.map(again -> new Next(again.request(), Optional.of(again.sample())));
            }
        }
        return prompts.next().map(request -> new Next(sourced(request, place), Optional.empty()));
    }

    private RolloutRequest sourced(RolloutRequest request, SourceRule.Place place) {
        return request.origin() == Origin.FILE ? request.from(rule.origin(request.id(), place)) : request;
    }

    /** Queues a fed prompt; throws IllegalArgumentException if it cannot be used. */
    void feed(RolloutRequest request) {
        prompts.feed(request);
    }

    /** The samples of a step that made {@code version} may be replayed from now on. */
    void trained(List<Sample> batch, long version) {
        replay.trained(batch, version);
    }

    /** Takes the loss of an evaluation in; the first is that before training. */
    void evaluated(double loss) {
        if (rule instanceof AdaptiveSchedule schedule) {
            schedule.evaluated(loss);
        }
    }

    Cursor cursor() {
        return prompts.cursor();
    }

    /** What a checkpoint keeps of the adaptive schedule, where there is one. */
    Optional<AdaptiveSchedule.State> schedule() {
        return rule instanceof AdaptiveSchedule schedule ? Optional.of(schedule.state()) : Optional.empty();
    }
}
