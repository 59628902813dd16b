// SPDX-License-Identifier: Apache-2.0
package reflux.teacher;

import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import reflux.rpc.StreamWriter;
import reflux.teacher.TeacherScorer.Answer;
import reflux.v1.ScoreOut;
import reflux.v1.TensorFrame;
import reflux.wire.CapacityException;
import reflux.wire.NotReadyException;
import reflux.wire.TensorFrames;

/**
 * Sends answers one after another, each as its announcement and its frames, at the pace of the client. A client that takes
 * nothing for longer than the patience is given up, because its answers fill memory that others wait for. Confined to the
 * service's context.
 */
final class AnswerWriter {

    private final StreamWriter<ScoreOut> out;
    private final String headFingerprint;
    private final TeacherMetrics metrics;
    private final Duration patience;
    private final Queue<Pending> waiting = new ArrayDeque<>();
    private boolean sending;

    private record Pending(String id, Answer answer, Promise<Void> sent) {}

    AnswerWriter(StreamWriter<ScoreOut> out, String headFingerprint, TeacherMetrics metrics, Duration patience) {
        this.out = out;
        this.headFingerprint = headFingerprint;
        this.metrics = metrics;
        this.patience = patience;
    }

    /** Queues an answer; completes when its last frame was taken, fails if the stream is closed before. */
    Future<Void> send(String id, Answer answer) {
        Pending pending = new Pending(id, answer, Promise.promise());
        waiting.add(pending);
        next();
        return pending.sent().future();
    }

    /** Fails what waits. */
    void close() {
        for (Pending pending = waiting.poll(); pending != null; pending = waiting.poll()) {
            pending.sent().tryFail(new NotReadyException("the stream is closed"));
        }
    }

    private void next() {
        if (sending) {
            return;
        }
        Pending pending = waiting.poll();
        if (pending == null) {
            return;
        }
        sending = true;
        ScoreOut begin = ScoreOut.newBuilder()
                .setBegin(pending.answer().item().begin(pending.id(), headFingerprint))
                .build();
        Iterator<TensorFrame> frames =
                TensorFrames.cut(pending.id(), pending.answer().score().tensors());
        proceed(pending, frames, out.write(begin));
    }

    /** Sends the frames once the message before them was taken. */
    private void proceed(Pending pending, Iterator<TensorFrame> frames, Future<Void> written) {
        Future<Void> inTime =
                written.isComplete() ? written : written.timeout(patience.toMillis(), TimeUnit.MILLISECONDS);
        inTime.onComplete(taken -> {
            if (taken.succeeded()) {
                frames(pending, frames);
            } else if (taken.cause() instanceof TimeoutException) {
                String fact = "nothing was read for " + patience.toSeconds() + " s";
                done(pending, Future.failedFuture(new CapacityException(fact)));
            } else {
                done(pending, taken);
            }
        });
    }

    private void frames(Pending pending, Iterator<TensorFrame> frames) {
        while (frames.hasNext()) {
            Future<Void> written =
                    out.write(ScoreOut.newBuilder().setFrame(frames.next()).build());
            if (!written.succeeded()) {
                proceed(pending, frames, written);
                return;
            }
        }
        pending.answer().item().tensors().forEach(tensor -> metrics.sent(tensor.getName(), tensor.getBytes()));
        done(pending, Future.succeededFuture());
    }

    private void done(Pending pending, AsyncResult<Void> outcome) {
        sending = false;
        if (outcome.succeeded()) {
            pending.sent().tryComplete();
            next();
        } else {
            pending.sent().tryFail(outcome.cause());
            close();
        }
    }
}
