// SPDX-License-Identifier: Apache-2.0
package reflux.learner.sft;

/**
 * Learning-rate factor: linear warm-up in steps, then a half cosine over the run's progress down to a floor. Progress is
 * the larger of the share of steps and the share of time, so a run with a time limit ends as cool as one without.
 */
record Schedule(int warmupSteps, long totalSteps, long limitNanos, double floor) {

    double at(long step, long elapsedNanos) {
        double warm = warmupSteps == 0 ? 1 : Math.min(1, (step + 1) / (double) warmupSteps);
        return warm * (floor + (1 - floor) * 0.5 * (1 + Math.cos(Math.PI * progress(step, elapsedNanos))));
    }

    double progress(long step, long elapsedNanos) {
        return Math.min(1, Math.max(step / (double) totalSteps, elapsedNanos / (double) limitNanos));
    }
}
