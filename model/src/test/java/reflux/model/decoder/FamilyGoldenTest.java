// SPDX-License-Identifier: Apache-2.0
package reflux.model.decoder;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import reflux.model.engine.DataType;
import reflux.model.engine.Engine;
import reflux.model.engine.EngineSettings;
import reflux.model.engine.EngineThread;
import reflux.model.engine.Scope;
import reflux.model.engine.Tensor;
import reflux.model.hf.ModelDirectory;

/**
 * Tiny models of every family that transformers wrote and ran (family_golden.py in src/test/python). What is written here into
 * {@code target/family-check} can be opened by the same script. The largest logits are 4 to 5.
 */
class FamilyGoldenTest {
    private static final Path WRITTEN = Path.of("target/family-check");
    private static EngineThread thread;

    @TempDir
    private Path tokenizer;

    static Stream<GoldenModel> models() throws IOException {
        return GoldenModel.all();
    }

    @BeforeAll
    static void start() {
        thread = EngineThread.start(EngineSettings.cpu("family-golden-test", 1));
    }

    @AfterAll
    static void stop() {
        thread.close();
    }

    @ParameterizedTest
    @MethodSource("models")
    void f32_hasTheHiddenStatesAndLogitsOfTransformers(GoldenModel golden) {
        Outputs outputs = outputs(golden, DataType.F32);

        assertThat(worst(outputs.hidden(), golden.rows("hidden"))).isLessThan(1e-4);
        assertThat(worst(outputs.logits(), golden.rows("logits"))).isLessThan(1e-4);
        assertThat(top(outputs.logits(), golden.vocabulary()))
                .containsExactly(top(golden.rows("logits"), golden.vocabulary()));
    }

    /** Weights and activations are rounded to 8 bits of mantissa: at most 4 % of the largest logit. */
    @ParameterizedTest
    @MethodSource("models")
    void bf16_staysWithinFourPercentOfTheLargestLogit(GoldenModel golden) {
        double largest = worst(new float[golden.rows("logits").length], golden.rows("logits"));

        assertThat(worst(outputs(golden, DataType.BF16).logits(), golden.rows("logits")))
                .isLessThan(0.04 * largest);
    }

    @ParameterizedTest
    @MethodSource("models")
    void gradient_isThatOfTransformers(GoldenModel golden) {
        float[] expected = golden.floats("gradient." + golden.trained());

        float[] actual = thread.call(engine -> {
            try (Decoder decoder = Decoder.loadTrainable(engine, golden.directory());
                    Scope scope = engine.scope().child()) {
                Tensor logits = engine.recording(() -> {
                    Tensor hidden = decoder.hiddenForTraining(scope, golden.batch());
                    return decoder.logits(scope, decoder.rows(scope, hidden, golden.realRows()));
                });
                float[] cotangent = golden.rows("cotangent");
                engine.backward(logits, scope.floats(cotangent, logits.shape()));
                return decoder.weights().parameters().stream()
                        .filter(parameter -> parameter.name().equals(golden.trained()))
                        .findFirst()
                        .orElseThrow()
                        .gradient()
                        .floats();
            }
        });

        double largest = worst(new float[expected.length], expected);
        assertThat(worst(actual, expected)).isLessThan(1e-4 * largest);
    }

    /** Two prompts in one cache, each token from the model's own last. */
    @ParameterizedTest
    @MethodSource("models")
    void greedyContinuation_isThatOfTransformers(GoldenModel golden) {
        int[][] actual = thread.call(engine -> {
            try (Decoder decoder = Decoder.load(engine, golden.directory(), DataType.F32);
                    KvCache cache = decoder.cache(engine.scope(), 2, 32)) {
                return greedy(engine, decoder, cache, golden);
            }
        });

        assertThat(actual).isDeepEqualTo(golden.greedy());
    }

    private static int[][] greedy(Engine engine, Decoder decoder, KvCache cache, GoldenModel golden) {
        int[] slots = {0, 1};
        int[][] tokens = new int[2][GoldenModel.NEW_TOKENS];
        int[] next;
        try (Scope scope = engine.scope().child()) {
            next = top(decoder.prefill(scope, cache, slots, golden.prompts()).floats(), golden.vocabulary());
        }
        for (int i = 0; i < GoldenModel.NEW_TOKENS; i++) {
            tokens[0][i] = next[0];
            tokens[1][i] = next[1];
            int at = GoldenModel.PROMPT + i;
            try (Scope scope = engine.scope().child()) {
                Tensor logits = decoder.step(scope, cache, slots, new int[] {at, at}, next);
                next = top(logits.floats(), golden.vocabulary());
            }
        }
        return tokens;
    }

    @ParameterizedTest
    @MethodSource("models")
    void writtenModel_isTheSame(GoldenModel golden) throws IOException {
        Files.writeString(tokenizer.resolve("tokenizer.json"), "{}");
        ModelDirectory original = golden.directory();
        Path path = Files.createDirectories(WRITTEN.resolve(golden.name()));
        thread.call(engine -> {
            try (Decoder decoder = Decoder.load(engine, original, DataType.F32)) {
                Weights weights = decoder.weights();
                ModelDirectory.write(
                        path,
                        original.config(),
                        original.generation(),
                        weights.infos(),
                        weights::bytes,
                        tokenizer,
                        DataType.F32);
            }
            return true;
        });
        Files.delete(path.resolve("tokenizer.json"));

        ModelDirectory written = ModelDirectory.open(path);

        assertThat(written.config()).isEqualTo(original.config());
        assertThat(outputs(golden, written, DataType.F32).logits())
                .containsExactly(outputs(golden, DataType.F32).logits());
    }

    private record Outputs(float[] hidden, float[] logits) {}

    private static Outputs outputs(GoldenModel golden, DataType type) {
        return outputs(golden, golden.directory(), type);
    }

    private static Outputs outputs(GoldenModel golden, ModelDirectory directory, DataType type) {
        return thread.call(engine -> {
            try (Decoder decoder = Decoder.load(engine, directory, type);
                    Scope scope = engine.scope().child()) {
                Tensor rows = decoder.rows(scope, decoder.hidden(scope, golden.batch()), golden.realRows());
                Tensor wide = engine.convert(scope, rows, DataType.F32);
                return new Outputs(wide.floats(), decoder.logits(scope, rows).floats());
            }
        });
    }

    private static int[] top(float[] logits, int vocabulary) {
        int[] best = new int[logits.length / vocabulary];
        for (int i = 0; i < logits.length; i++) {
            int row = i / vocabulary;
            if (logits[i] > logits[row * vocabulary + best[row]]) {
                best[row] = i % vocabulary;
            }
        }
        return best;
    }

    private static double worst(float[] actual, float[] expected) {
        assertThat(actual).hasSameSizeAs(expected);
        double worst = 0;
        for (int i = 0; i < actual.length; i++) {
            assertThat(actual[i]).isFinite();
            worst = Math.max(worst, Math.abs(actual[i] - expected[i]));
        }
        return worst;
    }
}
