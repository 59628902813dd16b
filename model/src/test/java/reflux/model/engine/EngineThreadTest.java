// SPDX-License-Identifier: Apache-2.0
package reflux.model.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

class EngineThreadTest {
    @Test
    void tasks_runInOrderOnOneNamedThread() throws Exception {
        try (EngineThread thread = EngineThread.start(EngineSettings.cpu("named", 1))) {
            StringBuilder order = new StringBuilder();
            CompletableFuture<String> first = thread.submit(engine -> {
                order.append('a');
                return Thread.currentThread().getName();
            });
            CompletableFuture<String> second =
                    thread.submit(engine -> order.append('b').toString());

            assertThat(first.get()).isEqualTo("named");
            assertThat(second.get()).isEqualTo("ab");
        }
    }

    @Test
    void failures_reachTheCaller() {
        try (EngineThread thread = EngineThread.start(EngineSettings.cpu("failing", 1))) {
            assertThatThrownBy(() -> thread.call(engine -> {
                        throw new IllegalArgumentException("fact");
                    }))
                    .isExactlyInstanceOf(IllegalArgumentException.class)
                    .hasMessage("fact");
            assertThatThrownBy(() -> thread.call(engine -> {
                        throw new IOException("disk");
                    }))
                    .isInstanceOf(CompletionException.class)
                    .hasCauseInstanceOf(IOException.class);
            assertThatThrownBy(() -> thread.call(engine -> thread.call(again -> 1)))
                    .hasMessageContaining("wait for itself");
            assertThat(thread.<Integer>call(engine -> 1)).isEqualTo(1);
        }
    }

    @Test
    void fullQueue_rejects() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        try (EngineThread thread = EngineThread.start(new EngineSettings("full", 1, 1, "cpu"))) {
            CompletableFuture<Boolean> running = new CompletableFuture<>();
            CompletableFuture<Integer> first = thread.submit(engine -> {
                running.complete(true);
                release.await();
                return 1;
            });
            running.get();
            CompletableFuture<Integer> waiting = thread.submit(engine -> 2);

            CompletableFuture<Integer> refused = thread.submit(engine -> 3);

            assertThat(refused).isCompletedExceptionally();
            assertThatThrownBy(refused::get)
                    .isInstanceOf(ExecutionException.class)
                    .hasCauseInstanceOf(RejectedExecutionException.class)
                    .hasMessageContaining("full is closed or has 1 tasks waiting");
            release.countDown();
            assertThat(first.get() + waiting.get()).isEqualTo(3);
        }
    }

    @Test
    void closed_rejects() {
        EngineThread thread = EngineThread.start(EngineSettings.cpu("closed", 1));
        thread.close();
        thread.close();

        assertThatThrownBy(() -> thread.call(engine -> 1)).isInstanceOf(RejectedExecutionException.class);
    }

    @Test
    void recording_endsWithItsWork() {
        try (EngineThread thread = EngineThread.start(EngineSettings.cpu("recording", 1))) {
            thread.call(engine -> {
                assertThat(engine.isRecording()).isFalse();
                engine.recording(() -> {
                    assertThat(engine.recording(engine::isRecording)).isTrue();
                    return assertThat(engine.isRecording()).isTrue();
                });
                assertThatThrownBy(() -> engine.recording(() -> {
                            throw new IllegalArgumentException("inside");
                        }))
                        .hasMessage("inside");
                return assertThat(engine.isRecording()).isFalse();
            });
        }
    }

    @Test
    void settings_rejectNonsense() {
        assertThatThrownBy(() -> EngineSettings.cpu("x", 0)).hasMessageContaining("threads must be >= 1");
        assertThatThrownBy(() -> new EngineSettings("x", 1, 1, "tpu")).hasMessageContaining("device");
    }
}
