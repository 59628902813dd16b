// SPDX-License-Identifier: Apache-2.0
package reflux.model.decoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

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
import reflux.model.hf.LoraConfig;
import reflux.model.optim.AdamW;
import reflux.model.optim.ParameterGroup;
import reflux.model.safetensors.TensorInfo;

/** Adapters beside frozen weights: gradients, what stays frozen, folding in, dropout. Seeds 4, 5, 9, 11 and 20. */
class LoraTest {
    static final List<DecoderConfig> MODELS = TinyModels.ALL;
    private static final TokenBatch BATCH = TokenBatch.of(List.of(TinyModels.ids(5, 9), TinyModels.ids(6, 5)));
    private static final int[] ROWS = {0, 3, 8, 10, 13};
    private static final long[] KEYS = {0x1234567890abcdefL, -77L};
    private static final double STEP = 1e-5;
    private static EngineThread thread;

    @BeforeAll
    static void start() {
        thread = EngineThread.start(EngineSettings.cpu("lora-test", 1));
    }

    @AfterAll
    static void stop() {
        thread.close();
    }

    @ParameterizedTest
    @FieldSource("MODELS")
    void gradients_agreeWithDifferencesThroughDropout(DecoderConfig config) {
        thread.call(engine -> {
            try (Decoder decoder = TinyAdapters.trainable(engine, config, TinyAdapters.DROPPING, DataType.F64)) {
                backward(engine, decoder, KEYS, false);
                SplittableRandom random = new SplittableRandom(9);
                for (Parameter parameter : decoder.weights().parameters()) {
                    double[] gradient = parameter.gradient().doubles();
                    for (int entry = 0; entry < 3; entry++) {
                        int index = random.nextInt(gradient.length);
                        double expected = difference(engine, decoder, parameter.value(), index);
                        assertThat(gradient[index])
                                .as("%s[%d]", parameter.name(), index)
                                .isCloseTo(expected, within(1e-5 * Math.max(0.1, Math.abs(expected))));
                    }
                }
            }
            return true;
        });
    }

    @ParameterizedTest
    @FieldSource("MODELS")
    void foldedIn_computesTheSame(DecoderConfig config) {
        thread.call(engine -> {
            try (Decoder beside = TinyAdapters.trainable(engine, config, TinyAdapters.ALL, DataType.F32);
                    Decoder folded = TinyModels.frozen(engine, config, DataType.F32);
                    Scope scope = engine.scope().child()) {
                double[] plain = folded.hidden(scope, BATCH).doubles();
                Lora.swap(folded, TinyModels.source(config), TinyAdapters.ALL, TinyAdapters.source(beside));

                double[] expected = folded.hidden(scope, BATCH).doubles();
                double[] found = beside.hidden(scope, BATCH).doubles();
                double[] trained = engine.recording(() -> beside.hiddenForTraining(scope, BATCH))
                        .doubles();
                double change = 0;
                for (int row : ROWS) {
                    for (int i = row * 24; i < row * 24 + 24; i++) {
                        assertThat(found[i]).isCloseTo(expected[i], within(1e-5));
                        assertThat(trained[i]).isCloseTo(expected[i], within(1e-5));
                        change = Math.max(change, Math.abs(plain[i] - expected[i]));
                    }
                }
                assertThat(change).isGreaterThan(0.1);
                MergedWeights merged = new MergedWeights(beside);
                for (TensorInfo info : merged.infos()) {
                    float[] one = new float[(int) info.count()];
                    merged.bytes(info.name()).asFloatBuffer().get(one);
                    float[] other = folded.weights().get(info.name()).floats();
                    assertThat(one).as(info.name()).containsExactly(other, within(1e-6f));
                }
            }
            return true;
        });
    }

    @ParameterizedTest
    @FieldSource("MODELS")
    void decoding_goesThroughTheAdapter(DecoderConfig config) {
        thread.call(engine -> {
            int[] ids = TinyModels.ids(5, 9);
            try (Decoder decoder = TinyAdapters.trainable(engine, config, TinyAdapters.ALL, DataType.F32);
                    Scope scope = engine.scope().child()) {
                Tensor hidden = decoder.hidden(scope, TokenBatch.of(List.of(ids)));
                double[] expected = decoder.logits(scope, decoder.rows(scope, hidden, new int[] {7, 8}))
                        .doubles();
                KvCache cache = decoder.cache(scope, 1, 20);
                TokenBatch prompt = TokenBatch.of(List.of(java.util.Arrays.copyOf(ids, 8)));
                double[] first =
                        decoder.prefill(scope, cache, new int[] {0}, prompt).doubles();
                double[] second = decoder.step(scope, cache, new int[] {0}, new int[] {8}, new int[] {ids[8]})
                        .doubles();
                for (int i = 0; i < first.length; i++) {
                    assertThat(first[i]).isCloseTo(expected[i], within(1e-4));
                    assertThat(second[i]).isCloseTo(expected[first.length + i], within(1e-4));
                }
            }
            return true;
        });
    }

    @Test
    void freshAdapter_changesNothingAndLiesInPeftsRange() {
        thread.call(engine -> {
            try (Decoder decoder = Lora.fresh(
                            engine,
                            TinyModels.GPT2,
                            TinyModels.source(TinyModels.GPT2),
                            TinyAdapters.ALL,
                            4,
                            DataType.F32);
                    Decoder base = TinyModels.frozen(engine, TinyModels.GPT2, DataType.F32);
                    Scope scope = engine.scope().child()) {
                assertThat(decoder.hidden(scope, BATCH).floats())
                        .containsExactly(base.hidden(scope, BATCH).floats(), within(1e-5f));
                double[] a = Lora.adapter(decoder)
                        .orElseThrow()
                        .get("base_model.model.transformer.h.0.attn.c_attn.lora_A.weight")
                        .doubles();
                double bound = 1 / Math.sqrt(24);
                assertThat(a).hasSize(3 * 24);
                for (double value : a) {
                    assertThat(Math.abs(value)).isLessThanOrEqualTo(bound);
                }
                assertThat(java.util.Arrays.stream(a).map(Math::abs).max().orElse(0))
                        .isGreaterThan(0.9 * bound);
            }
            return true;
        });
    }

    @Test
    void training_leavesTheBaseAsItWas() {
        thread.call(engine -> {
            try (Decoder decoder = TinyAdapters.trainable(engine, TinyModels.QWEN2, TinyAdapters.ALL, DataType.F32)) {
                List<Parameter> parameters = decoder.weights().parameters();
                Map<String, float[]> before = new HashMap<>();
                decoder.weights()
                        .infos()
                        .forEach(info -> before.put(
                                info.name(), decoder.weights().get(info.name()).floats()));
                Map<String, double[]> adapter = new HashMap<>();
                parameters.forEach(p -> adapter.put(p.name(), p.value().doubles()));
                backward(engine, decoder, new long[0], false);
                try (AdamW adamW =
                        new AdamW(engine, List.of(new ParameterGroup("lora", parameters, 1, 0.01)), 0.9, 0.999, 1e-8)) {
                    adamW.step(1e-2);
                }
                assertThat(parameters).hasSize(2 * 2 * 7).allMatch(p -> p.name().contains(".lora_"));
                before.forEach(
                        (name, values) -> assertThat(decoder.weights().get(name).floats())
                                .as(name)
                                .isEqualTo(values));
                parameters.forEach(p -> assertThat(p.value().doubles()).isNotEqualTo(adapter.get(p.name())));
                assertThat(decoder.trainedHead()).isEmpty();
            }
            return true;
        });
    }

    @Test
    void dropout_followsItsKeysWhateverTheBatch() {
        thread.call(engine -> {
            try (Decoder decoder =
                            TinyAdapters.trainable(engine, TinyModels.LLAMA, TinyAdapters.DROPPING, DataType.F64);
                    Scope scope = engine.scope().child()) {
                double[] both = forward(decoder, scope, BATCH, ROWS, KEYS);
                double[] again = forward(decoder, scope, BATCH, ROWS, KEYS);
                TokenBatch second = TokenBatch.of(List.of(TinyModels.ids(6, 5)));
                double[] alone = forward(decoder, scope, second, new int[] {1, 4}, new long[] {KEYS[1]});
                double[] other = forward(decoder, scope, second, new int[] {1, 4}, new long[] {KEYS[0]});
                double[] none = forward(decoder, scope, second, new int[] {1, 4}, new long[0]);

                assertThat(again).isEqualTo(both);
                for (int i = 0; i < alone.length; i++) {
                    assertThat(alone[i]).isCloseTo(both[3 * 24 + i], within(1e-12));
                }
                assertThat(distance(alone, other)).isGreaterThan(1e-3);
                assertThat(distance(alone, none)).isGreaterThan(1e-3);
            }
            return true;
        });
    }

    /** The share that is dropped, and that what is kept is scaled up: B·A is the identity of a layer's input here. */
    @Test
    void dropout_keepsTheMean() {
        thread.call(engine -> {
            try (Decoder decoder =
                            TinyAdapters.trainable(engine, TinyModels.GPT2, TinyAdapters.DROPPING, DataType.F64);
                    Scope scope = engine.scope().child()) {
                Tensor x = scope.doubles(new double[64 * 500].clone(), 1, 500, 64);
                engine.copy(
                        scope.doubles(
                                java.util.stream.DoubleStream.generate(() -> 1)
                                        .limit(64 * 500)
                                        .toArray(),
                                1,
                                500,
                                64),
                        x);
                long[] key = {new SplittableRandom(11).nextLong()};
                var list = decoder.weightSet().arguments(scope, key);
                int n = list.size() / 3 - 2;
                double[] kept =
                        decoder.script().call(scope, "dropped", x, list, n, 7).doubles();
                double[] elsewhere =
                        decoder.script().call(scope, "dropped", x, list, n, 9).doubles();

                double zeros = java.util.Arrays.stream(kept).filter(v -> v == 0).count();
                assertThat(zeros / kept.length).isCloseTo(0.25, within(0.01));
                assertThat(java.util.Arrays.stream(kept).filter(v -> v != 0))
                        .allMatch(v -> Math.abs(v - 4.0 / 3) < 1e-12);
                long same = 0;
                for (int i = 0; i < kept.length; i++) {
                    same += kept[i] == 0 && elsewhere[i] == 0 ? 1 : 0;
                }
                assertThat((double) same / kept.length).isCloseTo(0.0625, within(0.01));
            }
            return true;
        });
    }

    @Test
    void unknownTarget_isRefusedByName() {
        LoraConfig config = new LoraConfig(3, 5, 0, List.of("q_proj", "lm_head"), false);
        assertThatThrownBy(() -> Lora.layout(TinyModels.LLAMA, config))
                .hasMessageContaining("lm_head")
                .hasMessageContaining("q_proj")
                .hasMessageContaining("all-linear");
        assertThat(Lora.layout(TinyModels.GPT2, new LoraConfig(3, 5, 0, List.of("c_proj"), false)))
                .extracting(TensorInfo::name)
                .contains("base_model.model.transformer.h.1.mlp.c_proj.lora_B.weight")
                .hasSize(8);
    }

    @Test
    void adapterOfAnotherShape_isRefusedAndChangesNothing() {
        thread.call(engine -> {
            try (Decoder beside = TinyAdapters.trainable(engine, TinyModels.LLAMA, TinyAdapters.ALL, DataType.F32);
                    Decoder folded = TinyModels.frozen(engine, TinyModels.LLAMA, DataType.F32);
                    Scope scope = engine.scope().child()) {
                float[] before = folded.hidden(scope, BATCH).floats();
                LoraConfig wider = new LoraConfig(4, 5, 0, List.of(LoraConfig.ALL_LINEAR), false);
                assertThatThrownBy(() -> Lora.swap(
                                folded, TinyModels.source(TinyModels.LLAMA), wider, TinyAdapters.source(beside)))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("lora_A.weight has shape [3, 24], expected [4, 24]");
                assertThat(folded.hidden(scope, BATCH).floats()).isEqualTo(before);
            }
            return true;
        });
    }

    private static double distance(double[] one, double[] other) {
        double largest = 0;
        for (int i = 0; i < one.length; i++) {
            largest = Math.max(largest, Math.abs(one[i] - other[i]));
        }
        return largest;
    }

    private static double[] forward(Decoder decoder, Scope scope, TokenBatch batch, int[] rows, long[] keys) {
        return TrainingPass.forward(decoder, scope, batch, rows, keys, false)
                .rows()
                .doubles();
    }

    private static void backward(Engine engine, Decoder decoder, long[] keys, boolean isRecomputing) {
        try (Scope scope = engine.scope().child()) {
            TrainingPass pass = TrainingPass.forward(decoder, scope, BATCH, ROWS, keys, isRecomputing);
            pass.backward(coefficients(engine, scope, pass.rows()));
        }
    }

    private static Tensor coefficients(Engine engine, Scope scope, Tensor like) {
        double[] values = new SplittableRandom(11).doubles(like.count(), -1, 1).toArray();
        return engine.convert(scope, scope.doubles(values, like.shape()), like.type());
    }

    private static double value(Engine engine, Decoder decoder) {
        try (Scope scope = engine.scope().child()) {
            Tensor rows = TrainingPass.forward(decoder, scope, BATCH, ROWS, KEYS, false)
                    .rows();
            double[] values = rows.doubles();
            double[] coefficients = coefficients(engine, scope, rows).doubles();
            double sum = 0;
            for (int i = 0; i < values.length; i++) {
                sum += coefficients[i] * values[i];
            }
            return sum;
        }
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
