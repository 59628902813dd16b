// SPDX-License-Identifier: Apache-2.0
package reflux.model.decoder;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Function;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import reflux.model.engine.DataType;
import reflux.model.engine.Engine;
import reflux.model.engine.EngineSettings;
import reflux.model.engine.EngineThread;
import reflux.model.engine.MatmulPrecision;
import reflux.model.engine.Scope;
import reflux.model.engine.Tensor;
import reflux.model.hf.DecoderConfig;
import reflux.model.hf.OptConfig;

/** Training with operands rounded to bf16 (8 bits of mantissa) gives the gradients of f32 training, within that rounding. */
class MixedPrecisionTest {
    static final List<DecoderConfig> MODELS = TinyModels.ALL;
    /** Less is rounding alone: the bias of OPT's keys moves all scores of a query alike. */
    private static final double NO_GRADIENT = 1e-3;

    private static final TokenBatch BATCH = TokenBatch.of(List.of(TinyModels.ids(5, 30), TinyModels.ids(6, 22)));

    /** OPT a little more: the kinks of its ReLU. */
    @ParameterizedTest
    @FieldSource("MODELS")
    void gradients_areWithinTenPercentOfF32(DecoderConfig config) {
        assertNear(
                config instanceof OptConfig ? 0.15 : 0.1, engine -> TinyModels.trainable(engine, config, DataType.F32));
    }

    /** Its path has a rounding more. */
    @ParameterizedTest
    @FieldSource("MODELS")
    void gradientsOfAnAdapter_areWithinFifteenPercentOfF32(DecoderConfig config) {
        assertNear(0.15, engine -> {
            Decoder decoder = TinyAdapters.trainable(engine, config, TinyAdapters.ALL, DataType.F32);
            try (Scope scope = engine.scope().child()) {
                for (Parameter parameter : decoder.weights().parameters()) {
                    float[] values = parameter.value().floats();
                    for (int i = 0; i < values.length; i++) {
                        values[i] /= 5;
                    }
                    engine.copy(scope.floats(values, parameter.value().shape()), parameter.value());
                }
            }
            return decoder;
        });
    }

    private static void assertNear(double share, Function<Engine, Decoder> opening) {
        Map<String, double[]> exact = gradients(opening, MatmulPrecision.HIGHEST);
        Map<String, double[]> rounded = gradients(opening, MatmulPrecision.BF16_TRAINING);

        assertThat(rounded.get("hidden")).isNotEqualTo(exact.get("hidden"));
        exact.values().removeIf(expected -> length(expected) < NO_GRADIENT);
        exact.forEach((name, expected) -> assertThat(distance(rounded.get(name), expected) / length(expected))
                .as(name)
                .isLessThan(share));
    }

    private static Map<String, double[]> gradients(Function<Engine, Decoder> opening, MatmulPrecision precision) {
        EngineSettings settings = EngineSettings.cpu("mixed-test", 1).withMatmulPrecision(precision);
        try (EngineThread thread = EngineThread.start(settings)) {
            return thread.call(engine -> {
                Map<String, double[]> result = new LinkedHashMap<>();
                try (Decoder decoder = opening.apply(engine);
                        Scope scope = engine.scope().child()) {
                    Tensor hidden = engine.recording(() -> decoder.hiddenForTraining(scope, BATCH));
                    result.put("hidden", hidden.doubles());
                    engine.backward(hidden, coefficients(scope, hidden));
                    for (Parameter parameter : decoder.weights().parameters()) {
                        if (!TinyModels.OWN_HEADS.contains(parameter.name())) {
                            assertThat(parameter.gradient().type()).isEqualTo(DataType.F32);
                            result.put(parameter.name(), parameter.gradient().doubles());
                        }
                    }
                }
                return result;
            });
        }
    }

    /** Seed 11; zero for the padding of the second row. */
    private static Tensor coefficients(Scope scope, Tensor like) {
        double[] random = new SplittableRandom(11).doubles(like.count(), -1, 1).toArray();
        float[] values = new float[random.length];
        int real = (int) like.size(2) * (30 + 22);
        for (int i = 0; i < real; i++) {
            values[i] = (float) random[i];
        }
        return scope.floats(values, like.shape());
    }

    private static double distance(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += (a[i] - b[i]) * (a[i] - b[i]);
        }
        return Math.sqrt(sum);
    }

    private static double length(double[] a) {
        return distance(a, new double[a.length]);
    }
}
