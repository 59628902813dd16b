// SPDX-License-Identifier: Apache-2.0
package reflux.teacher;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.WorkerExecutor;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import reflux.rpc.FailureStatus;
import reflux.rpc.RpcException;
import reflux.v1.Hello;
import reflux.v1.ScoreRequest;

/**
 * The way of a request: checked, tokenised, looked up, queued, computed. Knows no streams; results come back on the context
 * that it was made with.
 */
final class TeacherScorer {

    private final Context context;
    private final WorkerExecutor tokenizing;
    private final RequestReader reader;
    private final ScoreCache cache;
    private final ScoreQueue queue;
    private final TeacherMetrics metrics;

    /** A score, ready to be sent; {@link #release} once it was sent or dropped. */
    record Answer(
            ScoreItem item, Score score, long queueMicros, long computeMicros, boolean fromCache, Runnable memory) {
        void release() {
            memory.run();
        }
    }

    /** A request under way. Confined to the scorer's context. */
    final class Ticket {
        private final Future<Answer> answer;
        private ScoreQueue.@Nullable Job job;
        private boolean cancelled;

        private Ticket(ScoreRequest request, List<AskedPayload> asked) {
            this.answer = tokenizing
                    .executeBlocking(() -> reader.read(request, asked), false)
                    .recover(failure -> Future.failedFuture(refused(failure)))
                    .compose(this::lookUp);
        }

        /** Completes on the scorer's context; fails with what the item's status shall say. */
        Future<Answer> answer() {
            return answer;
        }

        /** Its answer is not wanted; one that comes all the same is to be released. */
        void cancel() {
            cancelled = true;
            if (job != null) {
                job.cancel();
            }
        }

        private Future<Answer> lookUp(ScoreItem item) {
            if (cancelled) {
                return Future.failedFuture("cancelled");
            }
            Optional<Score> known = cache.find(item.key());
            if (known.isPresent()) {
                metrics.cacheHit();
                return Future.succeededFuture(new Answer(item, known.get(), 0, 0, true, () -> {}));
            }
            metrics.cacheMiss();
            ScoreQueue.Job queued = queue.submit(item.key(), item.answerBytes());
            job = queued;
            return Future.fromCompletionStage(queued.result(), context).map(computed -> {
                metrics.computed(computed, item.key().responseTokens());
                cache.put(item.key(), computed.score());
                return new Answer(
                        item,
                        computed.score(),
                        ScoreQueue.micros(computed.queueNanos()),
                        ScoreQueue.micros(computed.computeNanos()),
                        false,
                        queued::release);
            });
        }
    }

    TeacherScorer(
            Context context,
            WorkerExecutor tokenizing,
            RequestReader reader,
            ScoreCache cache,
            ScoreQueue queue,
            TeacherMetrics metrics) {
        this.context = context;
        this.tokenizing = tokenizing;
        this.reader = reader;
        this.cache = cache;
        this.queue = queue;
        this.metrics = metrics;
    }

    /** Begins to score; throws what the item's status shall say if the request is refused before any work. */
    Ticket score(ScoreRequest request, Hello hello) {
        List<AskedPayload> asked;
        try {
            asked = reader.check(request, hello);
        } catch (RuntimeException e) {
            throw refused(e);
        }
        return new Ticket(request, asked);
    }

    /** What is refused here is refused by every replica of this teacher: it is not to be sent again. */
    private static RpcException refused(Throwable cause) {
        return RpcException.of(
                FailureStatus.item(cause).toBuilder().setRetryable(false).build());
    }
}
