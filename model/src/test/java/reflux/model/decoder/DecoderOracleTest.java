// SPDX-License-Identifier: Apache-2.0
package reflux.model.decoder;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import reflux.model.engine.DataType;
import reflux.model.engine.EngineSettings;
import reflux.model.engine.EngineThread;
import reflux.model.engine.Scope;
import reflux.model.engine.Tensor;
import reflux.model.hf.DecoderConfig;

/** Hidden states and logits against {@link OracleDecoder}. Logits here are of the order of 10. */
class DecoderOracleTest {
    static final List<DecoderConfig> MODELS = TinyModels.WITH_ORACLE;
    private static final int[] LONG = TinyModels.ids(3, 40);
    private static final int[] SHORT = TinyModels.ids(4, 7);
    private static EngineThread thread;

    @BeforeAll
    static void start() {
        thread = EngineThread.start(EngineSettings.cpu("oracle-test", 1));
    }

    @AfterAll
    static void stop() {
        thread.close();
    }

    @ParameterizedTest
    @FieldSource("MODELS")
    void f64_agreesTo1e9(DecoderConfig config) {
        assertThat(worst(config, DataType.F64)).isLessThan(1e-9);
    }

    @ParameterizedTest
    @FieldSource("MODELS")
    void f32_agreesTo1e4(DecoderConfig config) {
        assertThat(worst(config, DataType.F32)).isLessThan(1e-4);
    }

    /** Weights and activations are rounded to 8 bits of mantissa, relative 2^-9, through two layers; the worst of 1,739. */
    @ParameterizedTest
    @FieldSource("MODELS")
    void bf16_agreesToEightPercentOfTheScale(DecoderConfig config) {
        double scale = 0;
        for (double[] row : new OracleDecoder(config, TinyModels.values(config)).logits(LONG)) {
            for (double logit : row) {
                scale = Math.max(scale, Math.abs(logit));
            }
        }

        assertThat(worst(config, DataType.BF16)).isLessThan(0.08 * scale);
    }

    /** f16 has 3 bits more than bf16. */
    @Test
    void f16_agreesToOnePercentOfTheScale() {
        assertThat(worst(TinyModels.LLAMA, DataType.F16)).isLessThan(0.05);
    }

    @Test
    void trainingForward_agreesTo1e9() {
        for (DecoderConfig config : MODELS) {
            double[][] expected = new OracleDecoder(config, TinyModels.values(config)).hidden(LONG);

            double[] actual = thread.call(engine -> {
                try (Decoder decoder = TinyModels.trainable(engine, config, DataType.F64);
                        Scope scope = engine.scope().child()) {
                    TokenBatch batch = TokenBatch.of(List.of(LONG));
                    return engine.recording(() -> decoder.hiddenForTraining(scope, batch))
                            .doubles();
                }
            });

            assertThat(worst(expected, actual, 0)).isLessThan(1e-9);
        }
    }

    /** The largest difference in hidden states and logits of a batch of two rows, one of them padded. */
    private static double worst(DecoderConfig config, DataType type) {
        OracleDecoder oracle = new OracleDecoder(config, TinyModels.values(config));
        int[] rows = new int[LONG.length + SHORT.length];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = i;
        }
        double[][] actual = thread.call(engine -> {
            try (Decoder decoder = TinyModels.frozen(engine, config, type);
                    Scope scope = engine.scope().child()) {
                Tensor hidden = decoder.hidden(scope, TokenBatch.of(List.of(LONG, SHORT)));
                Tensor picked = decoder.rows(scope, hidden, rows);
                Tensor logits = decoder.logits(scope, picked);
                assertThat(logits.type()).isEqualTo(type == DataType.F64 ? DataType.F64 : DataType.F32);
                return new double[][] {picked.doubles(), logits.doubles()};
            }
        });
        int split = LONG.length;
        return Math.max(
                Math.max(worst(oracle.hidden(LONG), actual[0], 0), worst(oracle.hidden(SHORT), actual[0], split)),
                Math.max(worst(oracle.logits(LONG), actual[1], 0), worst(oracle.logits(SHORT), actual[1], split)));
    }

    private static double worst(double[][] expected, double[] actual, int firstRow) {
        double worst = 0;
        for (int t = 0; t < expected.length; t++) {
            for (int i = 0; i < expected[t].length; i++) {
                double difference = expected[t][i] - actual[(firstRow + t) * expected[t].length + i];
                assertThat(difference).isFinite();
                worst = Math.max(worst, Math.abs(difference));
            }
        }
        return worst;
    }
}
