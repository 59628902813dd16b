// SPDX-License-Identifier: Apache-2.0
package reflux.learner.data;

import reflux.learner.ledger.Origin;

/**
 * DistiLLM's adaptive off-policy schedule, for each rollout instead of each batch. With threshold φ, t of T steps done, and r
 * drawn from [0, 1) by the run's seed and the rollout's place:
 *
 * <ul>
 *   <li>r &lt; φ(1 − t/T), or r &lt; φ while the buffer is not full: the student samples;
 *   <li>else r &lt; φ: a sample of the buffer is replayed;
 *   <li>else the response is given.
 * </ul>
 *
 * <p>φ rises by 0.1, to 1 at most, when an evaluation's loss is at or above that of the last rise (at first, the loss before
 * training) by {@code lossEps}. Confined to the learner's context.
 */
public final class AdaptiveSchedule implements SourceRule {
    private static final double RISE = 0.1;

    /** What a rollout is to be. */
    enum Route {
        GENERATE,
        REPLAY,
        GIVEN
    }

    /**
     * What a checkpoint keeps.
     *
     * @param threshold φ
     * @param level loss of the last rise; NaN before the first evaluation
     */
    public record State(double threshold, double level) {
        public static State start(double threshold) {
            return new State(threshold, Double.NaN);
        }
    }

    private final long seed;
    private final long totalSteps;
    private final double lossEps;
    private final Origin given;
    private State state;

    /**
     * @param totalSteps T
     * @param given DATASET or TEACHER
     */
    public AdaptiveSchedule(long seed, long totalSteps, double lossEps, Origin given, State state) {
        this.seed = seed;
        this.totalSteps = totalSteps;
        this.lossEps = lossEps;
        this.given = given;
        this.state = state;
    }

    /** Takes the loss of an evaluation in; the first is that before training. */
    public void evaluated(double loss) {
        if (Double.isNaN(state.level())) {
            state = new State(state.threshold(), loss);
        } else if (loss >= state.level() + lossEps) {
            state = new State(Math.min(state.threshold() + RISE, 1), loss);
        }
    }

    public State state() {
        return state;
    }

    @Override
    public boolean replays(Place place) {
        return route(draw(place), place.step(), place.isBufferFull()) == Route.REPLAY;
    }

    /** A replay that the buffer could not give is sampled. */
    @Override
    public Origin origin(String id, Place place) {
        return route(draw(place), place.step(), place.isBufferFull()) == Route.GIVEN ? given : Origin.FILE;
    }

    Route route(double r, long step, boolean isBufferFull) {
        double threshold = state.threshold();
        double fresh = threshold * (1 - (double) step / totalSteps);
        if (r < fresh || (r < threshold && !isBufferFull)) {
            return Route.GENERATE;
        }
        return r < threshold ? Route.REPLAY : Route.GIVEN;
    }

    private double draw(Place place) {
        return SeededDraw.uniform(seed, "adaptive", Long.toString(place.sequence()));
    }
}
