// SPDX-License-Identifier: Apache-2.0
package reflux.model.decoder;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import reflux.model.engine.Engine;
import reflux.model.engine.EngineSettings;
import reflux.model.engine.EngineThread;
import reflux.model.engine.Scope;
import reflux.model.engine.Tensor;
import reflux.model.optim.AdamW;
import reflux.model.optim.ParameterGroup;

/** Nothing native is left behind by a step. A leaked graph of this model would be 200 KB a step, a leaked value 100 bytes. */
class NativeMemoryTest {
    private static final int WARM_UP = 200;
    private static final int STEPS = 1000;
    private static final long ALLOWED_BYTES = 8 << 20;
    private static final TokenBatch BATCH = TokenBatch.of(List.of(TinyModels.ids(1, 20), TinyModels.ids(2, 12)));
    private static EngineThread thread;

    @BeforeAll
    static void start() {
        thread = EngineThread.start(EngineSettings.cpu("memory-test", 1));
    }

    @AfterAll
    static void stop() {
        thread.close();
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void thousandTrainingSteps_stayFlat() {
        thread.call(engine -> {
            try (Decoder decoder = Decoder.random(engine, TinyModels.LLAMA, 1);
                    AdamW adamW = new AdamW(
                            engine,
                            List.of(new ParameterGroup("all", decoder.weights().parameters(), 1, 0.01)),
                            0.9,
                            0.999,
                            1e-8)) {
                assertFlat(engine, step -> train(engine, decoder, adamW));
            }
            return true;
        });
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void thousandDecodingSteps_stayFlat() {
        thread.call(engine -> {
            try (Decoder decoder = Decoder.random(engine, TinyModels.GPT2, 1);
                    Scope owner = engine.scope().child()) {
                KvCache cache = decoder.cache(owner, 4, 40);
                assertFlat(engine, step -> {
                    try (Scope scope = owner.child()) {
                        int position = step % 40;
                        decoder.step(scope, cache, new int[] {2, 0}, new int[] {position, position}, new int[] {3, 4})
                                .floats();
                    }
                });
            }
            return true;
        });
    }

    private interface Step {
        void run(int step);
    }

    private static void assertFlat(Engine engine, Step step) throws IOException {
        for (int i = 0; i < WARM_UP; i++) {
            step.run(i);
        }
        long tensors = engine.openTensors();
        long memory = resident();
        for (int i = 0; i < STEPS; i++) {
            step.run(i);
        }
        assertThat(engine.openTensors()).isEqualTo(tensors);
        assertThat(resident() - memory).isLessThan(ALLOWED_BYTES);
    }

    private static void train(Engine engine, Decoder decoder, AdamW adamW) {
        try (Scope scope = engine.scope().child()) {
            Tensor hidden = engine.recording(() -> decoder.hiddenForTraining(scope, BATCH));
            engine.backward(hidden, scope.floats(new float[(int) hidden.count()], hidden.shape()));
            adamW.clip(1);
            adamW.step(1e-3);
        }
    }

    /** Anonymous memory of the process (native heap), less the part that the Java heap may grow by, after a collection. */
    private static long resident() throws IOException {
        System.gc();
        long kilobytes = Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("RssAnon:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D+", "")))
                .findFirst()
                .orElseThrow();
        return 1024 * kilobytes - Runtime.getRuntime().totalMemory();
    }
}
