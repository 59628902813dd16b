// SPDX-License-Identifier: Apache-2.0
package reflux.teacher;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import reflux.model.text.TokenIds;
import reflux.rpc.StreamWriter;
import reflux.teacher.AskedPayload.HiddenStates;
import reflux.v1.DataType;
import reflux.v1.ScoreOut;
import reflux.wire.CapacityException;
import reflux.wire.TensorFrames;
import reflux.wire.TensorHeaders;

final class AnswerWriterTest {

    private final SlowWriter out = new SlowWriter();

    @Test
    void clientKeepsUp_answersFollowOneAnother() {
        AnswerWriter answers = writer(Duration.ofMinutes(1));
        Future<Void> first = answers.send("a", answer(2));
        Future<Void> second = answers.send("b", answer(1));
        out.takeAll();

        assertThat(first.succeeded()).isTrue();
        assertThat(second.succeeded()).isTrue();
        assertThat(out.written)
                .extracting(ScoreOut::getKindCase)
                .containsExactly(
                        ScoreOut.KindCase.BEGIN,
                        ScoreOut.KindCase.FRAME,
                        ScoreOut.KindCase.FRAME,
                        ScoreOut.KindCase.BEGIN,
                        ScoreOut.KindCase.FRAME);
    }

    @Test
    void clientIsSlow_nextFrameWaitsForTheOneBefore() {
        AnswerWriter answers = writer(Duration.ofMinutes(1));
        Future<Void> sent = answers.send("a", answer(3));

        assertThat(out.written).hasSize(1);
        out.take();
        assertThat(out.written).hasSize(2);
        out.take();
        assertThat(out.written).hasSize(3);
        assertThat(sent.isComplete()).isFalse();
    }

    @Test
    void clientReadsNothing_answerFailsAfterThePatience() throws Exception {
        AnswerWriter answers = writer(Duration.ofMillis(20));
        Future<Void> sent = answers.send("a", answer(1));

        Throwable cause = sent.toCompletionStage()
                .toCompletableFuture()
                .<Throwable>handle((done, failure) -> failure)
                .get(20, TimeUnit.SECONDS);

        assertThat(cause).isInstanceOf(CapacityException.class).hasMessageContaining("nothing was read");
    }

    @Test
    void streamIsLost_allAnswersFail() {
        AnswerWriter answers = writer(Duration.ofMinutes(1));
        Future<Void> first = answers.send("a", answer(1));
        Future<Void> second = answers.send("b", answer(1));

        out.lose();

        assertThat(first.failed()).isTrue();
        assertThat(second.failed()).isTrue();
    }

    private AnswerWriter writer(Duration patience) {
        return new AnswerWriter(out, "head", new TeacherMetrics(new SimpleMeterRegistry()), patience);
    }

    private static TeacherScorer.Answer answer(int frames) {
        long bytes = (long) frames * TensorFrames.FRAME_BYTES;
        ScoreKey key = new ScoreKey(TokenIds.of(1, 2), 1, List.of(new HiddenStates(DataType.DATA_TYPE_F32)));
        ScoreItem item = new ScoreItem(
                key, TokenIds.of(1), 1, List.of(TensorHeaders.of("hidden", DataType.DATA_TYPE_F32, 1, bytes / 4)));
        Score score = new Score(List.of(ByteBuffer.allocate((int) bytes)));
        return new TeacherScorer.Answer(item, score, 0, 0, false, () -> {});
    }

    /** Takes a message when told to. */
    private static final class SlowWriter implements StreamWriter<ScoreOut> {
        final List<ScoreOut> written = new ArrayList<>();
        private final List<Promise<Void>> pending = new ArrayList<>();

        @Override
        public Future<Void> write(ScoreOut message) {
            Promise<Void> taken = Promise.promise();
            written.add(message);
            pending.add(taken);
            return taken.future();
        }

        void take() {
            pending.remove(0).complete();
        }

        void takeAll() {
            while (!pending.isEmpty()) {
                take();
            }
        }

        void lose() {
            List.copyOf(pending).forEach(taken -> taken.fail("lost"));
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public Future<Void> end() {
            return Future.succeededFuture();
        }

        @Override
        public void fail(Throwable cause) {}

        @Override
        public void onClosed(Consumer<@Nullable Throwable> handler) {}

        @Override
        public void onDrain(Runnable handler) {}
    }
}
