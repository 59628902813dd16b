// SPDX-License-Identifier: Apache-2.0
package reflux.learner.data;

import reflux.learner.ledger.Origin;

/**
 * Shares that stay for a run, as GKD has them: on-policy with probability {@code lmbda}, decided by the run's seed and the
 * rollout's id only; so a rollout that is asked for again, after a restart or in another order, has the same source. A draw
 * is below lmbda or not, so 0 is never and 1 is always.
 *
 * @param seed of the run
 * @param lmbda share of the rollouts that the student samples
 * @param otherwise DATASET or TEACHER
 * @param replayRatio share of the places that go to the replay buffer; those take no prompt
 */
public record FixedShares(long seed, double lmbda, Origin otherwise, double replayRatio) implements SourceRule {
    @Override
    public boolean replays(Place place) {
        return SeededDraw.uniform(seed, "replay", Long.toString(place.sequence())) < replayRatio;
    }

    @Override
    public Origin origin(String id, Place place) {
        return SeededDraw.uniform(seed, "source", id) < lmbda ? Origin.FILE : otherwise;
    }
}
