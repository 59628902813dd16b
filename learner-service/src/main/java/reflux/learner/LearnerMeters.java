// SPDX-License-Identifier: Apache-2.0
package reflux.learner;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.ToDoubleFunction;
import reflux.learner.ledger.Ledger;
import reflux.v1.StepDone;

/** The learner's meters, prefix {@code reflux_}. */
final class LearnerMeters {
    private final Counter steps;
    private final Counter tokens;
    private final DistributionSummary staleness;
    private final Timer publishing;
    private final MeterRegistry registry;
    private final Map<String, AtomicReference<Double>> terms = new HashMap<>();
    private final Map<String, AtomicReference<Double>> evaluation = new HashMap<>();
    private long tokensBefore;

    LearnerMeters(MeterRegistry registry, Ledger ledger) {
        this.registry = registry;
        this.steps = registry.counter("reflux_learner_steps_total");
        this.tokens = registry.counter("reflux_learner_trained_tokens_total");
        this.staleness = registry.summary("reflux_learner_staleness_max");
        this.publishing = registry.timer("reflux_weight_sync_seconds");
        gauge(registry, "reflux_rollouts_outstanding", ledger, it -> it.counts().outstanding());
        gauge(registry, "reflux_rollouts_trained", ledger, it -> it.counts().trained());
        gauge(registry, "reflux_lost_samples", ledger, it -> it.counts().lost());
        gauge(registry, "reflux_duplicate_samples", ledger, it -> it.counts().duplicated());
    }

    /** Counts a step; each of its terms is a gauge from when it is first there. */
    void step(StepDone done) {
        steps.increment();
        tokens.increment(done.getTrainedTokens() - tokensBefore);
        tokensBefore = done.getTrainedTokens();
        staleness.record(done.getStalenessMax());
        done.getTermsMap().forEach(this::term);
        done.getSourcesMap().forEach(this::term);
    }

    private void term(String name, double value) {
        terms.computeIfAbsent(name, key -> gauge("reflux_learner_term", key)).set(value);
    }

    void evaluated(Map<String, Double> scores) {
        scores.forEach((name, value) -> evaluation
                .computeIfAbsent(name, key -> gauge("reflux_learner_evaluation", key))
                .set(value));
    }

    private AtomicReference<Double> gauge(String meter, String name) {
        AtomicReference<Double> newest = new AtomicReference<>(0.0);
        registry.gauge(meter, Tags.of("name", name), newest, AtomicReference::get);
        return newest;
    }

    void published(double seconds) {
        publishing.record(Duration.ofNanos((long) (seconds * 1e9)));
    }

    private static void gauge(MeterRegistry registry, String name, Ledger ledger, ToDoubleFunction<Ledger> value) {
        registry.gauge(name, ledger, value);
    }
}
