// SPDX-License-Identifier: Apache-2.0
package reflux.model.decoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
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

/** Cached decoding must equal the forward pass over the whole sequence. */
class KvCacheTest {
    static final List<DecoderConfig> MODELS = TinyModels.ALL;
    private static final int V = 37;
    private static EngineThread thread;

    @BeforeAll
    static void start() {
        thread = EngineThread.start(EngineSettings.cpu("cache-test", 1));
    }

    @AfterAll
    static void stop() {
        thread.close();
    }

    /** Slot 1 is used by one row, left, and used again by a shorter one, while slots 3 and 0 go on. */
    @ParameterizedTest
    @FieldSource("MODELS")
    void rowsJoinAndLeave_likeUncached(DecoderConfig config) {
        thread.call(engine -> {
            try (Decoder decoder = TinyModels.frozen(engine, config, DataType.F64);
                    Scope owner = engine.scope().child()) {
                KvCache cache = decoder.cache(owner, 4, 48);
                int[] a = TinyModels.ids(1, 30);
                int[] b = TinyModels.ids(2, 30);
                int[] c = TinyModels.ids(3, 30);
                int[] d = TinyModels.ids(4, 30);

                prefill(engine, decoder, cache, new int[] {1, 3}, new int[] {9, 4}, a, b);
                step(engine, decoder, cache, new int[] {1, 3}, new int[] {9, 4}, a, b);
                step(engine, decoder, cache, new int[] {3, 1}, new int[] {5, 10}, b, a);
                prefill(engine, decoder, cache, new int[] {0}, new int[] {12}, c);
                step(engine, decoder, cache, new int[] {0, 1, 3}, new int[] {12, 11, 6}, c, a, b);
                prefill(engine, decoder, cache, new int[] {1}, new int[] {2}, d);
                step(engine, decoder, cache, new int[] {0, 1}, new int[] {13, 2}, c, d);
                step(engine, decoder, cache, new int[] {3}, new int[] {7}, b);
                step(engine, decoder, cache, new int[] {1, 3, 0}, new int[] {3, 8, 14}, d, b, c);
            }
            return true;
        });
    }

    @Test
    void f32AndBf16_followUncachedWithinRounding() {
        for (DataType type : List.of(DataType.F32, DataType.BF16)) {
            double bound = type == DataType.F32 ? 1e-4 : 0.5;
            thread.call(engine -> {
                try (Decoder decoder = TinyModels.frozen(engine, TinyModels.LLAMA, type);
                        Scope scope = engine.scope().child()) {
                    int[] ids = TinyModels.ids(5, 20);
                    KvCache cache = decoder.cache(scope, 2, 20);
                    decoder.prefill(scope, cache, new int[] {0}, TokenBatch.of(List.of(Arrays.copyOf(ids, 5))));
                    for (int t = 5; t < 20; t++) {
                        Tensor logits = decoder.step(scope, cache, new int[] {0}, new int[] {t}, new int[] {ids[t]});
                        assertThat(logits.type()).isEqualTo(DataType.F32);
                        assertThat(logits.doubles()).containsExactly(uncached(engine, decoder, ids, t), within(bound));
                    }
                }
                return true;
            });
        }
    }

    @Test
    void wrongSlotsAndPositions_areRefused() {
        thread.call(engine -> {
            try (Decoder decoder = TinyModels.frozen(engine, TinyModels.GPT2, DataType.F32);
                    Scope scope = engine.scope().child()) {
                KvCache cache = decoder.cache(scope, 2, 8);
                assertThatThrownBy(() -> decoder.step(scope, cache, new int[] {2}, new int[] {0}, new int[] {0}))
                        .hasMessageContaining("slot 2 of 2");
                assertThatThrownBy(() -> decoder.step(scope, cache, new int[] {1, 1}, new int[2], new int[2]))
                        .hasMessageContaining("given twice");
                assertThatThrownBy(() -> decoder.step(scope, cache, new int[] {1}, new int[] {8}, new int[] {0}))
                        .hasMessageContaining("[0, 8)");
                assertThatThrownBy(() -> decoder.step(scope, cache, new int[] {1}, new int[] {0}, new int[] {37}))
                        .hasMessageContaining("vocabulary of 37");
                assertThatThrownBy(() -> decoder.cache(scope, 2, 49)).hasMessageContaining("48 positions");
            }
            return true;
        });
    }

    private static void prefill(
            Engine engine, Decoder decoder, KvCache cache, int[] slots, int[] lengths, int[]... ids) {
        try (Scope scope = engine.scope().child()) {
            List<int[]> prompts = new java.util.ArrayList<>();
            for (int row = 0; row < ids.length; row++) {
                prompts.add(Arrays.copyOf(ids[row], lengths[row]));
            }
            double[] logits =
                    decoder.prefill(scope, cache, slots, TokenBatch.of(prompts)).doubles();
            for (int row = 0; row < ids.length; row++) {
                assertRow(logits, row, uncached(engine, decoder, ids[row], lengths[row] - 1));
            }
        }
    }

    private static void step(
            Engine engine, Decoder decoder, KvCache cache, int[] slots, int[] positions, int[]... ids) {
        try (Scope scope = engine.scope().child()) {
            int[] tokens = new int[slots.length];
            for (int row = 0; row < tokens.length; row++) {
                tokens[row] = ids[row][positions[row]];
            }
            double[] logits =
                    decoder.step(scope, cache, slots, positions, tokens).doubles();
            for (int row = 0; row < ids.length; row++) {
                assertRow(logits, row, uncached(engine, decoder, ids[row], positions[row]));
            }
        }
    }

    private static void assertRow(double[] logits, int row, double[] expected) {
        assertThat(Arrays.copyOfRange(logits, row * V, (row + 1) * V)).containsExactly(expected, within(1e-9));
    }

    private static double[] uncached(Engine engine, Decoder decoder, int[] ids, int position) {
        try (Scope scope = engine.scope().child()) {
            Tensor hidden = decoder.hidden(scope, TokenBatch.of(List.of(Arrays.copyOf(ids, position + 1))));
            return decoder.logits(scope, decoder.rows(scope, hidden, new int[] {position}))
                    .doubles();
        }
    }
}
