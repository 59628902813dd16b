// SPDX-License-Identifier: Apache-2.0
package reflux.teacher;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Meters of one teacher, all named {@code reflux.teacher.*}. Safe from all threads. */
final class TeacherMetrics {

    private final MeterRegistry meters;
    private final Timer queueWait;
    private final Timer compute;
    private final DistributionSummary batchTokens;
    private final DistributionSummary batchItems;
    private final Counter cacheHits;
    private final Counter cacheMisses;
    private final Counter scoredTokens;

    TeacherMetrics(MeterRegistry meters) {
        this.meters = meters;
        this.queueWait = meters.timer("reflux.teacher.queue.wait");
        this.compute = meters.timer("reflux.teacher.compute");
        this.batchTokens = meters.summary("reflux.teacher.batch.tokens");
        this.batchItems = meters.summary("reflux.teacher.batch.items");
        this.cacheHits = meters.counter("reflux.teacher.cache", "outcome", "hit");
        this.cacheMisses = meters.counter("reflux.teacher.cache", "outcome", "miss");
        this.scoredTokens = meters.counter("reflux.teacher.scored.tokens");
    }

    void watchQueue(Supplier<Number> items, Supplier<Number> bufferedBytes) {
        Gauge.builder("reflux.teacher.queue.items", items).strongReference(true).register(meters);
        Gauge.builder("reflux.teacher.buffered.bytes", bufferedBytes)
                .strongReference(true)
                .register(meters);
    }

    /** A forward pass begins; tokens count the padding. */
    void batch(int items, int tokens) {
        batchItems.record(items);
        batchTokens.record(tokens);
    }

    void cacheHit() {
        cacheHits.increment();
    }

    void cacheMiss() {
        cacheMisses.increment();
    }

    void computed(ScoreQueue.Computed computed, int responseTokens) {
        queueWait.record(Math.max(0, computed.queueNanos()), TimeUnit.NANOSECONDS);
        compute.record(computed.computeNanos(), TimeUnit.NANOSECONDS);
        scoredTokens.increment(responseTokens);
    }

    /** Bytes of one tensor were sent. */
    void sent(String tensor, long bytes) {
        meters.counter("reflux.teacher.sent.bytes", "tensor", tensor).increment((double) bytes);
    }

    /** An item has ended, so long after it came. */
    void ended(String status, long nanos) {
        meters.timer("reflux.teacher.score", "status", status).record(nanos, TimeUnit.NANOSECONDS);
    }
}
