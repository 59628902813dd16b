// SPDX-License-Identifier: Apache-2.0
package reflux.model.decoder;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import reflux.model.engine.DataType;
import reflux.model.engine.Engine;
import reflux.model.engine.EngineSettings;
import reflux.model.engine.EngineThread;
import reflux.model.engine.Scope;
import reflux.model.engine.Tensor;
import reflux.model.hf.DecoderConfig;

/** Gradients of a random linear function of hidden states and logits against central differences in f64. */
class DecoderGradientTest {
    static final List<DecoderConfig> MODELS = TinyModels.ALL;
    private static final TokenBatch BATCH = TokenBatch.of(List.of(TinyModels.ids(5, 9), TinyModels.ids(6, 5)));
    private static final int[] ROWS = {0, 3, 8, 10, 13};
    private static final double STEP = 1e-5;
    private static final int ENTRIES = 4;
    private static EngineThread thread;

    @BeforeAll
    static void start() {
        thread = EngineThread.start(EngineSettings.cpu("gradient-test", 1));
    }

    @AfterAll
    static void stop() {
        thread.close();
    }

    @ParameterizedTest
    @FieldSource("MODELS")
    void everyParameter_agreesWithDifferences(DecoderConfig config) {
        thread.call(engine -> {
            try (Decoder decoder = TinyModels.trainable(engine, config, DataType.F64)) {
                backward(engine, decoder);
                SplittableRandom random = new SplittableRandom(9);
                for (Parameter parameter : decoder.weights().parameters()) {
                    double[] gradient = parameter.gradient().doubles();
                    for (int entry = 0; entry < ENTRIES; entry++) {
                        int index = pick(gradient, random);
                        double expected = difference(engine, decoder, parameter.value(), index);
                        assertThat(Math.abs(gradient[index] - expected))
                                .as("%s[%d], %s", parameter.name(), index, expected)
                                .isLessThanOrEqualTo(1e-5 * Math.max(0.1, Math.abs(expected)));
                    }
                }
            }
            return true;
        });
    }

    @Test
    void backward_addsToTheSameGradientTensors() {
        thread.call(engine -> {
            try (Decoder decoder = TinyModels.trainable(engine, TinyModels.LLAMA, DataType.F64)) {
                Map<String, double[]> once = new HashMap<>();
                backward(engine, decoder);
                decoder.weights()
                        .parameters()
                        .forEach(p -> once.put(p.name(), p.gradient().doubles()));
                backward(engine, decoder);

                for (Parameter parameter : decoder.weights().parameters()) {
                    double[] twice = parameter.gradient().doubles();
                    for (int i = 0; i < twice.length; i++) {
                        assertThat(twice[i] - 2 * once.get(parameter.name())[i]).isBetween(-1e-9, 1e-9);
                    }
                }
                assertThat(decoder.headParameter().value()).isSameAs(decoder.head());
            }
            return true;
        });
    }

    /** Mostly an entry with a gradient: most rows of an embedding have none. */
    private static int pick(double[] gradient, SplittableRandom random) {
        int index = random.nextInt(gradient.length);
        for (int tries = 0; tries < 50 && gradient[index] == 0; tries++) {
            index = random.nextInt(gradient.length);
        }
        return index;
    }

    private static void backward(Engine engine, Decoder decoder) {
        try (Scope scope = engine.scope().child()) {
            Tensor[] outputs = engine.recording(() -> outputs(decoder, scope));
            engine.backward(outputs[1], coefficients(scope, outputs[1]));
        }
        try (Scope scope = engine.scope().child()) {
            Tensor hidden = engine.recording(() -> decoder.hiddenForTraining(scope, BATCH));
            Tensor rows = engine.recording(() -> decoder.rows(scope, hidden, ROWS));
            engine.backward(rows, coefficients(scope, rows));
        }
    }

    private static Tensor[] outputs(Decoder decoder, Scope scope) {
        Tensor rows = decoder.rows(scope, decoder.hiddenForTraining(scope, BATCH), ROWS);
        return new Tensor[] {rows, decoder.logits(scope, rows)};
    }

    private static double value(Engine engine, Decoder decoder) {
        try (Scope scope = engine.scope().child()) {
            double sum = 0;
            for (Tensor output : outputs(decoder, scope)) {
                double[] values = output.doubles();
                double[] coefficients = coefficients(scope, output).doubles();
                for (int i = 0; i < values.length; i++) {
                    sum += coefficients[i] * values[i];
                }
            }
            return sum;
        }
    }

    private static Tensor coefficients(Scope scope, Tensor like) {
        double[] values = new SplittableRandom(11).doubles(like.count(), -1, 1).toArray();
        return scope.doubles(values, like.shape());
    }

    private static double difference(Engine engine, Decoder decoder, Tensor weight, int index) {
        double before = weight.bytes().getDouble(8 * index);
        weight.bytes().putDouble(8 * index, before + STEP);
        double above = value(engine, decoder);
        weight.bytes().putDouble(8 * index, before - STEP);
        double below = value(engine, decoder);
        weight.bytes().putDouble(8 * index, before);
        return (above - below) / (2 * STEP);
    }
}
