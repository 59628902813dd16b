// SPDX-License-Identifier: Apache-2.0
package reflux.learner.data;

import reflux.learner.ledger.Origin;

/** Decides for each rollout alone where its response comes from. Pure. */
public sealed interface SourceRule permits FixedShares, AdaptiveSchedule {
    /** Whether the place of a step goes to a sample of the replay buffer, if that has one to give. */
    boolean replays(Place place);

    /** Where the response of a file's prompt comes from: FILE, DATASET or TEACHER. */
    Origin origin(String id, Place place);

    /**
     * A rollout that may start.
     *
     * @param sequence its place in the order of admission, from 0
     * @param step done by the policy that is live
     * @param isBufferFull whether the replay buffer holds as many samples as it may
     */
    record Place(long sequence, long step, boolean isBufferFull) {}
}
