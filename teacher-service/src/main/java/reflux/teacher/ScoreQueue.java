// SPDX-License-Identifier: Apache-2.0
package reflux.teacher;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reflux.model.engine.Engine;
import reflux.model.engine.EngineThread;
import reflux.wire.CapacityException;
import reflux.wire.NotReadyException;

/**
 * Items between their request and the model. A batch is chosen when the engine thread is free, from all that waits then, so
 * items gather while a batch runs and never wait for company. Safe from all threads: batcher and memory account are guarded
 * by this object's lock, which is never held during computation.
 */
final class ScoreQueue {

    private static final Logger log = LoggerFactory.getLogger(ScoreQueue.class);

    private final EngineThread engine;
    private final BatchWork forward;
    private final TeacherMetrics metrics;
    private final ScoreBatcher<Job> batcher;
    private final long maxBufferedBytes;
    private long freeBytes;
    private boolean running;
    private boolean closed;

    /** What computes a batch, such as {@link ScoreForward#run}. */
    interface BatchWork {
        void run(Engine open, List<ScoreKey> keys, ScoreForward.Sink sink);
    }

    /** One queued item; {@link #result} completes on the engine thread. */
    final class Job {
        private final ScoreKey key;
        private final long answerBytes;
        private final long queuedNanos = System.nanoTime();
        private final CompletableFuture<Computed> result = new CompletableFuture<>();
        private final AtomicBoolean holdsMemory = new AtomicBoolean();
        private long ticket;

        private Job(ScoreKey key, long answerBytes) {
            this.key = key;
            this.answerBytes = answerBytes;
        }

        CompletableFuture<Computed> result() {
            return result;
        }

        /** The answer was sent or is not wanted: its memory is free again. */
        void release() {
            if (holdsMemory.compareAndSet(true, false)) {
                free(answerBytes);
            }
        }

        /** Takes the item out of the queue if it still waits; a result that comes all the same is to be released. */
        void cancel() {
            if (withdraw(ticket)) {
                result.cancel(false);
            }
        }
    }

    /** A score and the time that it took. */
    record Computed(Score score, long queueNanos, long computeNanos) {}

    ScoreQueue(EngineThread engine, BatchWork forward, TeacherConfig config, TeacherMetrics metrics) {
        this.engine = engine;
        this.forward = forward;
        this.metrics = metrics;
        this.batcher = new ScoreBatcher<>(config.maxBatchTokens());
        this.maxBufferedBytes = config.maxBufferedBytes();
        this.freeBytes = maxBufferedBytes;
        metrics.watchQueue(this::size, this::bufferedBytes);
    }

    /** Queues an item whose answer will have so many bytes. */
    Job submit(ScoreKey key, long answerBytes) {
        Job job = new Job(key, answerBytes);
        if (answerBytes > maxBufferedBytes) {
            job.result.completeExceptionally(new CapacityException(
                    "the score has " + answerBytes + " bytes, this teacher buffers " + maxBufferedBytes));
            return job;
        }
        synchronized (this) {
            if (closed) {
                job.result.completeExceptionally(new NotReadyException("the teacher is shutting down"));
                return job;
            }
            job.ticket = batcher.add(job, key.inputTokens(), answerBytes);
        }
        pump();
        return job;
    }

    synchronized int size() {
        return batcher.size();
    }

    synchronized long bufferedBytes() {
        return maxBufferedBytes - freeBytes;
    }

    /** Fails what waits; what is being computed is finished. */
    void close() {
        List<Job> waiting;
        synchronized (this) {
            closed = true;
            waiting = batcher.clear();
        }
        waiting.forEach(job -> job.result.completeExceptionally(new NotReadyException("the teacher is shutting down")));
    }

    private synchronized boolean withdraw(long ticket) {
        return batcher.withdraw(ticket);
    }

    private void free(long bytes) {
        synchronized (this) {
            freeBytes += bytes;
        }
        pump();
    }

    private void pump() {
        synchronized (this) {
            if (running || !batcher.hasNext(freeBytes)) {
                return;
            }
            running = true;
        }
        if (engine.submit(this::runNext).isCompletedExceptionally()) {
            log.error("the engine takes no batch waiting={}", size());
            close();
        }
    }

    private boolean runNext(Engine open) {
        List<Job> batch;
        synchronized (this) {
            batch = batcher.next(freeBytes);
            batch.forEach(job -> freeBytes -= job.answerBytes);
        }
        try {
            if (!batch.isEmpty()) {
                compute(open, batch);
            }
        } finally {
            synchronized (this) {
                running = false;
            }
            pump();
        }
        return true;
    }

    private void compute(Engine open, List<Job> batch) {
        batch.forEach(job -> job.holdsMemory.set(true));
        int longest =
                batch.stream().mapToInt(job -> job.key.inputTokens()).max().orElse(0);
        metrics.batch(batch.size(), batch.size() * longest);
        run(open, batch);
    }

    private void run(Engine open, List<Job> batch) {
        long start = System.nanoTime();
        try {
            forward.run(open, batch.stream().map(job -> job.key).toList(), new ScoreForward.Sink() {
                @Override
                public void done(int item, Score score) {
                    Job job = batch.get(item);
                    job.result.complete(new Computed(score, start - job.queuedNanos, System.nanoTime() - start));
                }

                @Override
                public void failed(int item, RuntimeException cause) {
                    fail(batch.get(item), cause);
                }
            });
        } catch (RuntimeException | Error e) {
            recover(open, batch.stream().filter(job -> !job.result.isDone()).toList(), e);
        }
    }

    /** A batch has failed: each of its items alone shows which one it was. */
    private void recover(Engine open, List<Job> left, Throwable cause) {
        log.warn("batch failed items={} cause={}", left.size(), cause.toString());
        if (left.size() == 1) {
            boolean isMemory = cause instanceof OutOfMemoryError;
            fail(left.get(0), isMemory ? new CapacityException("too little memory for this item") : cause);
        } else {
            left.forEach(job -> run(open, List.of(job)));
        }
    }

    private static void fail(Job job, Throwable cause) {
        job.release();
        job.result.completeExceptionally(cause);
    }

    static long micros(long nanos) {
        return Math.max(0, TimeUnit.NANOSECONDS.toMicros(nanos));
    }
}
