// SPDX-License-Identifier: Apache-2.0
package reflux.teacher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reflux.model.engine.EngineSettings;
import reflux.model.engine.EngineThread;
import reflux.model.text.TokenIds;
import reflux.teacher.AskedPayload.SampledLogProb;
import reflux.wire.CapacityException;
import reflux.wire.NotReadyException;

/** The queue with work that is no model; item n has the token n. */
final class ScoreQueueTest {

    private static final long ROOM = 1 << 16;
    private static final Score SCORE = new Score(List.of(ByteBuffer.allocate(1)));

    private final EngineThread engine = EngineThread.start(EngineSettings.cpu("score-queue-test", 1));
    private final List<List<Integer>> batches = Collections.synchronizedList(new ArrayList<>());
    private final CountDownLatch engineFree = new CountDownLatch(1);

    @AfterEach
    void stop() {
        engineFree.countDown();
        engine.close();
    }

    @Test
    void oneItemBreaksTheBatch_othersAreScored() {
        ScoreQueue queue = queue(poison(2, new IllegalStateException("cannot")));
        block();
        List<ScoreQueue.Job> jobs = List.of(queue.submit(key(1), 1), queue.submit(key(2), 1), queue.submit(key(3), 1));
        engineFree.countDown();

        assertThat(join(jobs.get(0))).isEqualTo(SCORE);
        assertThat(join(jobs.get(2))).isEqualTo(SCORE);
        assertThatThrownBy(() -> join(jobs.get(1))).cause().hasMessage("cannot");
        assertThat(batches).containsExactly(List.of(1, 2, 3), List.of(1), List.of(2), List.of(3));
    }

    @Test
    void memoryRunsOut_itemFailsAsCapacityAndTheNextIsScored() {
        ScoreQueue queue = queue(poison(7, new OutOfMemoryError("test")));

        assertThatThrownBy(() -> join(queue.submit(key(7), 1))).cause().isInstanceOf(CapacityException.class);
        assertThat(join(queue.submit(key(8), 1))).isEqualTo(SCORE);
    }

    @Test
    void answersNotSentYet_nextBatchWaitsForTheirMemory() throws Exception {
        ScoreQueue queue = queue(poison(-1, new IllegalStateException()));
        ScoreQueue.Job first = queue.submit(key(1), ROOM);
        join(first);
        ScoreQueue.Job second = queue.submit(key(2), 1);
        engine.call(open -> true);

        assertThat(second.result()).isNotDone();
        assertThat(queue.bufferedBytes()).isEqualTo(ROOM);
        first.release();
        first.release();
        assertThat(join(second)).isEqualTo(SCORE);
        second.release();
        assertThat(queue.bufferedBytes()).isZero();
    }

    @Test
    void answerLargerThanAllMemory_isRefused() {
        ScoreQueue queue = queue(poison(-1, new IllegalStateException()));

        assertThatThrownBy(() -> join(queue.submit(key(1), ROOM + 1)))
                .cause()
                .isInstanceOf(CapacityException.class)
                .hasMessage("the score has 65537 bytes, this teacher buffers 65536");
    }

    @Test
    void cancelledWhileWaiting_isNotComputed() {
        ScoreQueue queue = queue(poison(-1, new IllegalStateException()));
        block();
        ScoreQueue.Job first = queue.submit(key(1), 1);
        ScoreQueue.Job second = queue.submit(key(2), 1);
        second.cancel();
        engineFree.countDown();

        assertThat(join(first)).isEqualTo(SCORE);
        assertThat(second.result()).isCancelled();
        assertThat(batches).containsExactly(List.of(1));
    }

    @Test
    void closed_waitingItemsFailAsNotReady() {
        ScoreQueue queue = queue(poison(-1, new IllegalStateException()));
        block();
        ScoreQueue.Job waiting = queue.submit(key(1), 1);
        queue.close();

        assertThatThrownBy(() -> join(waiting)).cause().isInstanceOf(NotReadyException.class);
        assertThatThrownBy(() -> join(queue.submit(key(2), 1))).cause().isInstanceOf(NotReadyException.class);
    }

    private ScoreQueue queue(ScoreQueue.BatchWork work) {
        TeacherConfig config = TeacherConfig.fromConfig(
                Path.of("m"), null, null, null, null, null, null, null, null, null, null, ROOM, null, null);
        return new ScoreQueue(engine, work, config, new TeacherMetrics(new SimpleMeterRegistry()));
    }

    /** Scores everything, but throws before any score of a batch with this token in it. */
    private ScoreQueue.BatchWork poison(int token, Throwable failure) {
        return (open, keys, sink) -> {
            batches.add(keys.stream().map(key -> key.tokens().get(0)).toList());
            if (keys.stream().anyMatch(key -> key.tokens().get(0) == token)) {
                if (failure instanceof Error error) {
                    throw error;
                }
                throw (RuntimeException) failure;
            }
            for (int i = 0; i < keys.size(); i++) {
                sink.done(i, SCORE);
            }
        };
    }

    private void block() {
        CountDownLatch reached = new CountDownLatch(1);
        engine.submit(open -> {
            reached.countDown();
            return engineFree.await(20, TimeUnit.SECONDS);
        });
        assertThat(awaited(reached)).isTrue();
    }

    private static boolean awaited(CountDownLatch latch) {
        try {
            return latch.await(20, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static ScoreKey key(int token) {
        return new ScoreKey(TokenIds.of(token, 5), 1, List.of(new SampledLogProb()));
    }

    private static Score join(ScoreQueue.Job job) {
        return job.result().join().score();
    }
}
