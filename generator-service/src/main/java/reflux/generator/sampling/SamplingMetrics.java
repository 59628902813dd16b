// SPDX-License-Identifier: Apache-2.0
package reflux.generator.sampling;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** What the sampler counts. */
final class SamplingMetrics {
    private final Counter tokens;
    private final Timer firstToken;
    private final Timer steps;
    private long lastNanos;

    SamplingMetrics(MeterRegistry registry, RolloutSampler sampler) {
        tokens = Counter.builder("reflux_generator_tokens_total")
                .description("Tokens sampled")
                .register(registry);
        firstToken = Timer.builder("reflux_generator_first_token_seconds")
                .description("From a rollout's arrival to its first token")
                .register(registry);
        steps = Timer.builder("reflux_generator_step_seconds")
                .description(
                        "From the end of one turn of the sampling loop to the end of the next, while rollouts wait for it")
                .register(registry);
        Gauge.builder("reflux_generator_slots_in_use", sampler, RolloutSampler::slotsInUse)
                .description("Sequences in the batch")
                .register(registry);
        Gauge.builder("reflux_generator_queue", sampler, RolloutSampler::waiting)
                .description("Rollouts that wait for a slot")
                .register(registry);
        Gauge.builder("reflux_generator_policy_version", sampler, s -> s.policy()
                        .liveVersion())
                .description("Version of the live weights")
                .register(registry);
    }

    void sampled(int count) {
        tokens.increment(count);
    }

    void begun(long waitedNanos) {
        firstToken.record(Duration.ofNanos(waitedNanos));
    }

    /**
     * A turn has ended; on the engine thread.
     *
     * @param underWay rollouts that wait for the next one
     */
    void turned(int underWay) {
        long now = System.nanoTime();
        if (lastNanos != 0) {
            steps.record(now - lastNanos, TimeUnit.NANOSECONDS);
        }
        lastNanos = underWay > 0 ? now : 0;
    }
}
