// SPDX-License-Identifier: Apache-2.0
package reflux.model.decoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import reflux.model.engine.DataType;
import reflux.model.engine.Engine;
import reflux.model.engine.EngineSettings;
import reflux.model.engine.EngineThread;
import reflux.model.engine.Scope;
import reflux.model.engine.Tensor;
import reflux.model.hf.DecoderConfig;

/** A pass that computes layers again has the gradients of one that keeps everything. Seed 11. */
class TrainingPassTest {
    static final List<DecoderConfig> MODELS = TinyModels.ALL;
    private static final TokenBatch BATCH = TokenBatch.of(List.of(TinyModels.ids(5, 9), TinyModels.ids(6, 5)));
    private static final int[] ROWS = {0, 3, 8, 10, 13};
    private static EngineThread thread;

    @BeforeAll
    static void start() {
        thread = EngineThread.start(EngineSettings.cpu("pass-test", 1));
    }

    @AfterAll
    static void stop() {
        thread.close();
    }

    @ParameterizedTest
    @FieldSource("MODELS")
    void recomputing_hasTheSameGradients(DecoderConfig config) {
        thread.call(engine -> {
            try (Decoder keeping = TinyModels.trainable(engine, config, DataType.F32);
                    Decoder recomputing = TinyModels.trainable(engine, config, DataType.F32)) {
                assertSame(engine, keeping, recomputing);
            }
            return true;
        });
    }

    @ParameterizedTest
    @FieldSource("MODELS")
    void recomputingWithAdapterAndDropout_hasTheSameGradients(DecoderConfig config) {
        thread.call(engine -> {
            try (Decoder keeping = TinyAdapters.trainable(engine, config, TinyAdapters.DROPPING, DataType.F32);
                    Decoder recomputing = TinyAdapters.trainable(engine, config, TinyAdapters.DROPPING, DataType.F32)) {
                assertSame(engine, keeping, recomputing);
            }
            return true;
        });
    }

    private static void assertSame(Engine engine, Decoder keeping, Decoder recomputing) {
        float[] expected = pass(engine, keeping, false);
        pass(engine, recomputing, true);
        recomputing.weights().parameters().forEach(p -> engine.copy(zeros(engine, p.gradient()), p.gradient()));
        long open = engine.openTensors();
        float[] found = pass(engine, recomputing, true);
        assertThat(engine.openTensors()).isEqualTo(open);
        assertThat(found).isEqualTo(expected);
        Map<String, double[]> gradients = TinyAdapters.gradients(recomputing);
        TinyAdapters.gradients(keeping).forEach((name, values) -> {
            double largest =
                    java.util.Arrays.stream(values).map(Math::abs).max().orElse(0);
            assertThat(largest > 0).as(name).isEqualTo(!TinyModels.OWN_HEADS.contains(name));
            assertThat(gradients.get(name)).as(name).containsExactly(values, within(1e-6 * Math.max(1, largest)));
        });
    }

    private static Tensor zeros(Engine engine, Tensor like) {
        return engine.scope().zeros(like.type(), like.shape());
    }

    private static float[] pass(Engine engine, Decoder decoder, boolean isRecomputing) {
        try (Scope scope = engine.scope().child()) {
            long[] keys = {3, 1L << 60};
            TrainingPass pass = TrainingPass.forward(decoder, scope, BATCH, ROWS, keys, isRecomputing);
            double[] values =
                    new SplittableRandom(11).doubles(pass.rows().count(), -1, 1).toArray();
            float[] rows = pass.rows().floats();
            pass.backward(
                    engine.convert(scope, scope.doubles(values, pass.rows().shape()), DataType.F32));
            return rows;
        }
    }
}
