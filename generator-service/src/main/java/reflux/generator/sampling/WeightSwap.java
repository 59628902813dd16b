// SPDX-License-Identifier: Apache-2.0
package reflux.generator.sampling;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import reflux.model.decoder.Decoder;
import reflux.model.decoder.NextWeights;
import reflux.model.engine.EngineThread;

/**
 * New weights on their way to becoming the live ones. They are read in slices of some milliseconds, each a task of the engine
 * thread, so that decode steps go on between them; then the decoder changes over in one task.
 */
final class WeightSwap {
    private static final long SLICE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    /** Begins to read; on the engine thread. */
    @FunctionalInterface
    interface Opening {
        NextWeights open();
    }

    private final EngineThread thread;
    private final Decoder decoder;
    private final Runnable check;
    private final Runnable whenLive;
    private long longestNanos;

    /**
     * @param check throws if the weights may not become live, before they are read and before they are live
     * @param whenLive called in the same task in which they become live
     */
    WeightSwap(EngineThread thread, Decoder decoder, Runnable check, Runnable whenLive) {
        this.thread = thread;
        this.decoder = decoder;
        this.check = check;
        this.whenLive = whenLive;
    }

    /** Microseconds of the longest task: what a decode step waited for at most. */
    CompletableFuture<Long> run(Opening opening) {
        return thread.submit(engine -> timed(() -> {
                    check.run();
                    return opening.open();
                }))
                .thenCompose(next -> read(next)
                        .thenCompose(whole -> thread.submit(engine -> live(next)))
                        .handle((micros, broken) -> broken == null
                                ? CompletableFuture.completedFuture(micros)
                                : thread.submit(engine -> abandoned(next))
                                        .<Long>thenCompose(closed -> CompletableFuture.failedFuture(broken)))
                        .thenCompose(done -> done));
    }

    private CompletableFuture<Boolean> read(NextWeights next) {
        return thread.submit(engine -> timed(() -> slice(next)))
                .thenCompose(whole -> whole ? CompletableFuture.completedFuture(true) : read(next));
    }

    private static boolean slice(NextWeights next) {
        long end = System.nanoTime() + SLICE_NANOS;
        boolean isWhole = next.read();
        while (!isWhole && System.nanoTime() < end) {
            isWhole = next.read();
        }
        return isWhole;
    }

    private long live(NextWeights next) {
        timed(() -> {
            check.run();
            decoder.swap(next);
            whenLive.run();
            return true;
        });
        return TimeUnit.NANOSECONDS.toMicros(longestNanos);
    }

    private static boolean abandoned(NextWeights next) {
        next.close();
        return true;
    }

    private interface Work<T> {
        T run();
    }

    private <T> T timed(Work<T> work) {
        long start = System.nanoTime();
        try {
            return work.run();
        } finally {
            longestNanos = Math.max(longestNanos, System.nanoTime() - start);
        }
    }
}
