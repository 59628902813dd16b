// SPDX-License-Identifier: Apache-2.0
package reflux.learner;

import reflux.learner.checkpoint.CheckpointStore;
import reflux.learner.feed.FeedDoor;
import reflux.learner.ledger.Ledger;
import reflux.learner.publish.WeightPublisher;
import reflux.learner.rollout.ResponseSources;

/** What {@link TrainingLoop} works with. */
record LoopParts(
        LearnerConfig config,
        Ledger ledger,
        Sources sources,
        StudentThread student,
        CheckpointStore checkpoints,
        RunProgress progress,
        RunLog log,
        String teacherHead) {

    /** The other services and the clients, as the loop sees them. */
    record Peers(ResponseSources rollouts, WeightPublisher publisher, Intake intake, FeedDoor feed) {}
}
