// SPDX-License-Identifier: Apache-2.0
package reflux.model.decoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import reflux.model.engine.DataType;
import reflux.model.engine.Engine;
import reflux.model.engine.EngineSettings;
import reflux.model.engine.EngineThread;
import reflux.model.engine.Scope;
import reflux.model.hf.Gemma3Config;
import reflux.model.hf.LocalAttention;
import reflux.model.hf.RopeScaling;

/** Local and global layers over more tokens than the plain attention takes at once, where torch's fused kernel takes over. */
class LongWindowTest {
    private static final int LENGTH = 300;
    private static final Gemma3Config CONFIG = new Gemma3Config(
            37,
            24,
            40,
            2,
            4,
            2,
            16,
            512,
            100,
            new RopeScaling.None(),
            20,
            10,
            1e-5,
            true,
            List.of(1),
            new LocalAttention(270, List.of(0)));
    private static EngineThread thread;

    @BeforeAll
    static void start() {
        thread = EngineThread.start(EngineSettings.cpu("long-window-test", 1));
    }

    @AfterAll
    static void stop() {
        thread.close();
    }

    /** Steps mask by position what a prompt masks by a matrix. */
    @Test
    void longPrompt_isAsTokenByToken() {
        double[][] logits = thread.call(engine -> {
            try (Decoder decoder = TinyModels.frozen(engine, CONFIG, DataType.F64);
                    KvCache cache = decoder.cache(engine.scope(), 2, LENGTH)) {
                double[] whole = prefill(engine, decoder, cache, LENGTH);
                double[] last = prefill(engine, decoder, cache, 1);
                int[] ids = TinyModels.ids(8, LENGTH);
                for (int i = 1; i < LENGTH; i++) {
                    try (Scope scope = engine.scope().child()) {
                        last = decoder.step(scope, cache, new int[] {1}, new int[] {i}, new int[] {ids[i]})
                                .doubles();
                    }
                }
                return new double[][] {whole, last};
            }
        });

        assertThat(logits[0]).containsExactly(logits[1], within(1e-9));
    }

    @Test
    void narrowTypes_staySound() {
        double[] exact = whole(DataType.F64);

        assertThat(whole(DataType.F32)).containsExactly(exact, within(1e-4));
        assertThat(whole(DataType.F16)).containsExactly(exact, within(0.2));
        assertThat(whole(DataType.BF16)).containsExactly(exact, within(1.5));
    }

    /** A token beyond the window of the local layer and out of a model of local layers only changes nothing. */
    @Test
    void tokenBeyondTheWindow_isNotSeen() {
        LocalAttention everywhere = new LocalAttention(100, List.of(0, 1));
        int[] ids = TinyModels.ids(8, LENGTH);
        int[] others = ids.clone();
        others[LENGTH - 200] = (ids[LENGTH - 200] + 1) % 37;

        double[][] last = thread.call(engine -> {
            try (Decoder decoder = TinyModels.frozen(engine, TinyModels.local(everywhere, 512), DataType.F64)) {
                return new double[][] {last(engine, decoder, ids), last(engine, decoder, others)};
            }
        });

        assertThat(last[0]).isEqualTo(last[1]);
    }

    private static double[] last(Engine engine, Decoder decoder, int[] ids) {
        try (Scope scope = engine.scope().child()) {
            return decoder.rows(scope, decoder.hidden(scope, TokenBatch.of(List.of(ids))), new int[] {LENGTH - 1})
                    .doubles();
        }
    }

    private static double[] whole(DataType type) {
        return thread.call(engine -> {
            try (Decoder decoder = TinyModels.frozen(engine, CONFIG, type);
                    KvCache cache = decoder.cache(engine.scope(), 2, LENGTH)) {
                return prefill(engine, decoder, cache, LENGTH);
            }
        });
    }

    private static double[] prefill(Engine engine, Decoder decoder, KvCache cache, int length) {
        int[] ids = java.util.Arrays.copyOf(TinyModels.ids(8, LENGTH), length);
        int slot = length == 1 ? 1 : 0;
        try (Scope scope = engine.scope().child()) {
            return decoder.prefill(scope, cache, new int[] {slot}, TokenBatch.of(List.of(ids)))
                    .doubles();
        }
    }
}
