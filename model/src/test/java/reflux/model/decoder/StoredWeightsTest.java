// SPDX-License-Identifier: Apache-2.0
package reflux.model.decoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import reflux.model.engine.DataType;
import reflux.model.engine.EngineSettings;
import reflux.model.engine.EngineThread;
import reflux.model.engine.Scope;
import reflux.model.engine.Script;
import reflux.model.hf.DecoderConfig;

/** What a decoder accepts as weights, at load and in a swap. */
class StoredWeightsTest {
    private static final int[] IDS = TinyModels.ids(8, 12);
    private static EngineThread thread;

    @BeforeAll
    static void start() {
        thread = EngineThread.start(EngineSettings.cpu("weights-test", 1));
    }

    @AfterAll
    static void stop() {
        thread.close();
    }

    @Test
    void namesWithoutPrefix_load() {
        assertThat(hidden(TinyModels.GPT2, source -> TinyModels.source(TinyModels.GPT2).tensors().stream()
                        .map(info -> info.name())
                        .forEach(name -> source.rename(name, name.replace("transformer.", "")))))
                .containsExactly(hidden(TinyModels.GPT2, source -> {}));
    }

    /** So that a model is in memory once while it is loaded. */
    @Test
    void matrices_arePackedAsSoonAsTheyAreRead() {
        thread.call(engine -> {
            Family family = Family.of(TinyModels.LLAMA);
            List<WeightSet.Loading> loading = new ArrayList<>();
            WeightSet.Loader loader = (owner, sources, script) -> {
                loading.add(new StoredWeights(family, TinyModels.source(TinyModels.LLAMA))
                        .begin(owner, script, DataType.F32));
                return loading.get(0);
            };
            try (Script script = Script.load(engine, Decoder.class, "decoder.py", family.script());
                    Scope scope = engine.scope().child()) {
                assumeTrue(PackedWeights.isPossible(engine, script, DataType.F32));
                WeightSet.Making making =
                        new WeightSet.Making(engine, scope, family, script, DataType.F32, WeightSet.Use.FROZEN, loader);
                Set<String> packable =
                        family.linears().stream().map(LinearModule::weightName).collect(Collectors.toSet());
                long layer = packable.size() / family.config().layers();
                long most = 0;
                while (!making.next()) {
                    most = Math.max(
                            most,
                            loading.get(0).tensors().keySet().stream()
                                    .filter(packable::contains)
                                    .count());
                }

                assertThat(family.config().layers()).isGreaterThan(1);
                assertThat(most).isBetween(1L, layer);
                assertThat(loading.get(0).tensors()).doesNotContainKeys(packable.toArray(String[]::new));
            }
            return true;
        });
    }

    @Test
    void buffersAndCopiesOfATiedHead_areIgnored() {
        assertThat(hidden(TinyModels.GPT2, source -> {
                    source.put("transformer.h.0.attn.bias", new double[4], 1, 1, 2, 2);
                    source.put("lm_head.weight", new double[4], 2, 2);
                }))
                .containsExactly(hidden(TinyModels.GPT2, source -> {}));
    }

    @Test
    void whatDoesNotFit_isRefusedByName() {
        assertThatThrownBy(() -> hidden(TinyModels.LLAMA, source -> source.remove("model.norm.weight")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("model.norm.weight is missing");
        assertThatThrownBy(() -> hidden(TinyModels.LLAMA, source -> source.put("model.extra", new double[1], 1)))
                .hasMessageContaining("model.extra is not part of this model");
        assertThatThrownBy(() -> hidden(
                        TinyModels.LLAMA,
                        source -> source.put("model.layers.1.self_attn.k_proj.weight", new double[24 * 32], 32, 24)))
                .hasMessageContaining("k_proj.weight has shape [32, 24], expected [16, 24]");
        assertThatThrownBy(() -> hidden(
                        TinyModels.LLAMA,
                        source -> source.put("model.norm.weight", DataType.U8, ByteBuffer.allocate(24), 24)))
                .hasMessageContaining("model.norm.weight has type U8");
    }

    @Test
    void halfPrecision_isConverted() {
        ByteBuffer halves = ByteBuffer.allocate(48).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < 24; i++) {
            halves.putShort((short) 0x3fc0);
        }

        double[] fromBf16 = hidden(TinyModels.LLAMA, s -> s.put("model.norm.weight", DataType.BF16, halves.flip(), 24));
        double[] fromF64 = hidden(TinyModels.LLAMA, s -> s.put("model.norm.weight", filled(24, 1.5), 24));

        assertThat(fromBf16).containsExactly(fromF64);
    }

    @Test
    void swap_replacesAllWeightsOrNone() {
        thread.call(engine -> {
            long before = engine.openTensors();
            try (Decoder decoder = TinyModels.frozen(engine, TinyModels.LLAMA3, DataType.F32)) {
                double[] old = hidden(decoder);
                MapSource wrong = TinyModels.source(TinyModels.LLAMA3);
                wrong.put("model.norm.weight", filled(24, 2), 24);
                wrong.put("lm_head.weight", new double[1], 1);
                long open = engine.openTensors();

                assertThatThrownBy(() -> decoder.swap(wrong)).hasMessageContaining("lm_head.weight has shape [1]");
                assertThat(hidden(decoder)).containsExactly(old);

                MapSource right = TinyModels.source(TinyModels.LLAMA3);
                right.put("model.norm.weight", filled(24, 2), 24);
                decoder.swap(right);

                assertThat(hidden(decoder)).isNotEqualTo(old);
                assertThat(decoder.weights().get("model.norm.weight").doubles()).containsOnly(2);
                assertThat(engine.openTensors()).isEqualTo(open);
            }
            assertThat(engine.openTensors()).isEqualTo(before);
            return true;
        });
    }

    @Test
    void swapOfTrainable_keepsParametersInPlace() {
        thread.call(engine -> {
            try (Decoder decoder = Decoder.random(engine, TinyModels.QWEN2, 5)) {
                Parameter norm = decoder.weights().parameters().stream()
                        .filter(parameter -> parameter.name().equals("model.norm.weight"))
                        .findFirst()
                        .orElseThrow();

                decoder.swap(TinyModels.source(TinyModels.QWEN2));

                assertThat(norm.value().doubles())
                        .containsExactly(TinyModels.values(TinyModels.QWEN2).get("model.norm.weight"), within(1e-7));
            }
            return true;
        });
    }

    @Test
    void random_isReproducible() {
        thread.call(engine -> {
            try (Decoder one = Decoder.random(engine, TinyModels.GPT2, 42);
                    Decoder two = Decoder.random(engine, TinyModels.GPT2, 42);
                    Decoder other = Decoder.random(engine, TinyModels.GPT2, 43)) {
                double[] weight =
                        one.weights().get("transformer.h.1.mlp.c_fc.weight").doubles();
                assertThat(two.weights().get("transformer.h.1.mlp.c_fc.weight").doubles())
                        .containsExactly(weight);
                assertThat(other.weights()
                                .get("transformer.h.1.mlp.c_fc.weight")
                                .doubles())
                        .isNotEqualTo(weight);
                double variance = java.util.Arrays.stream(weight)
                        .map(v -> v * v)
                        .average()
                        .orElseThrow();
                assertThat(Math.sqrt(variance)).isCloseTo(0.02, within(0.002));
            }
            return true;
        });
    }

    private static double[] filled(int count, double value) {
        double[] values = new double[count];
        java.util.Arrays.fill(values, value);
        return values;
    }

    private static double[] hidden(DecoderConfig config, Consumer<MapSource> change) {
        MapSource source = TinyModels.source(config);
        change.accept(source);
        return thread.call(engine -> {
            try (Decoder decoder = Decoder.load(engine, config, source, DataType.F32)) {
                return hidden(decoder);
            }
        });
    }

    private static double[] hidden(Decoder decoder) {
        try (Scope scope = decoder.engine().scope().child()) {
            return decoder.hidden(scope, TokenBatch.of(List.of(IDS))).doubles();
        }
    }
}
