// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.bench.ring;

import io.micrometer.core.instrument.AbstractTimer;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.distribution.DistributionStatisticConfig;
import io.micrometer.core.instrument.distribution.pause.PauseDetector;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Meters of a generator that keep each decode step's time, where others keep sums. Thread-safe. */
final class TimedSteps extends SimpleMeterRegistry {
    private static final String STEPS = "reflux_generator_step_seconds";

    private final List<Double> steps = new ArrayList<>();

    /** The seconds of all steps since the last call. */
    List<Double> take() {
        synchronized (steps) {
            List<Double> taken = List.copyOf(steps);
            steps.clear();
            return taken;
        }
    }

    @Override
    protected Timer newTimer(Meter.Id id, DistributionStatisticConfig statistics, PauseDetector pauses) {
        return id.getName().equals(STEPS) ? new Steps(id, statistics, pauses) : super.newTimer(id, statistics, pauses);
    }

    private final class Steps extends AbstractTimer {
        Steps(Meter.Id id, DistributionStatisticConfig statistics, PauseDetector pauses) {
            super(id, config().clock(), statistics, pauses, TimeUnit.SECONDS, false);
        }

        @Override
        protected void recordNonNegative(long amount, TimeUnit unit) {
            synchronized (steps) {
                steps.add(unit.toNanos(amount) / 1e9);
            }
        }

        @Override
        public long count() {
            return 0;
        }

        @Override
        public double totalTime(TimeUnit unit) {
            return 0;
        }

        @Override
        public double max(TimeUnit unit) {
            return 0;
        }
    }
}
