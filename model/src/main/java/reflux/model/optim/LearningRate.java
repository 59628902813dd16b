// SPDX-License-Identifier: Apache-2.0
package reflux.model.optim;

/** A schedule: the factor in [0, 1] of the peak learning rate at a step, counted from 0. */
public sealed interface LearningRate {
    double at(long step);

    /** Linear warm-up from 0, then half a cosine from 1 down to floor at total. */
    static LearningRate cosine(long warmup, long total, double floor) {
        return new Cosine(new WarmUp(warmup, total, floor));
    }

    /** Linear warm-up from 0, then a line from 1 down to floor at total. */
    static LearningRate linear(long warmup, long total, double floor) {
        return new Linear(new WarmUp(warmup, total, floor));
    }

    /** Linear warm-up from 0, then 1. */
    static LearningRate constant(long warmup) {
        return new Constant(new WarmUp(warmup, Long.MAX_VALUE, 1));
    }

    /** floor + (1 - floor) (1 + cos(pi t)) / 2 for t in [0, 1] after the warm-up. */
    record Cosine(WarmUp warmUp) implements LearningRate {
        @Override
        public double at(long step) {
            return warmUp.decaying(step, (1 + Math.cos(Math.PI * warmUp.progress(step))) / 2);
        }
    }

    /** floor + (1 - floor) (1 - t) for t in [0, 1] after the warm-up. */
    record Linear(WarmUp warmUp) implements LearningRate {
        @Override
        public double at(long step) {
            return warmUp.decaying(step, 1 - warmUp.progress(step));
        }
    }

    /** 1 after the warm-up. */
    record Constant(WarmUp warmUp) implements LearningRate {
        @Override
        public double at(long step) {
            return warmUp.decaying(step, 1);
        }
    }

    /**
     * What the schedules share.
     *
     * @param steps of warm-up: step s of them has the factor s / steps
     * @param total steps at which the decay ends
     * @param floor factor from there on
     */
    record WarmUp(long steps, long total, double floor) {
        public WarmUp {
            if (steps < 0 || total < steps) {
                throw new IllegalArgumentException("0 <= warm-up <= total must hold, was " + steps + ", " + total);
            }
            if (!(floor >= 0 && floor <= 1)) {
                throw new IllegalArgumentException("floor must be in [0, 1], was " + floor);
            }
        }

        private double progress(long step) {
            return total == steps ? 1 : Math.min(1, (step - steps) / (double) (total - steps));
        }

        private double decaying(long step, double remaining) {
            return step < steps ? step / (double) steps : floor + (1 - floor) * remaining;
        }
    }
}
