// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import reflux.model.decoder.Decoder;
import reflux.model.decoder.TokenBatch;
import reflux.model.engine.DataType;
import reflux.model.engine.Engine;
import reflux.model.engine.EngineSettings;
import reflux.model.engine.EngineThread;
import reflux.model.engine.Scope;
import reflux.model.engine.Tensor;
import reflux.model.hf.ModelDirectory;

/** What a teacher does with responses: token ids to hidden states. Beside it the engine's products in the same type. */
public final class ScoreBench implements Bench {
    private static final int SEQUENCES = 4;
    private static final int LENGTH = 128;
    private static final int TIMES = 2;
    private static final long SEED = 4;
    private static final Goal GOAL = Goal.atLeast(0.65);

    @Override
    public List<Measurement> run(BenchSettings settings) {
        ModelDirectory model = ModelDirectory.open(settings.model());
        try (EngineThread thread = EngineThread.start(EngineSettings.cpu("bench", settings.threads()))) {
            return thread.call(engine -> {
                List<Measurement> found = new ArrayList<>();
                found.add(measure(engine, model, DataType.BF16, settings.seconds()));
                found.add(measure(engine, model, DataType.F32, settings.seconds()));
                return found;
            });
        }
    }

    private static Measurement measure(Engine engine, ModelDirectory model, DataType type, double seconds)
            throws Exception {
        ModelSize size = ModelSize.of(model);
        int length = Math.min(LENGTH, model.config().contextLength());
        TokenBatch batch = batch(model, length);
        int tokens = SEQUENCES * length;
        try (GemmRate gemm = new GemmRate(engine, type, tokens, model.config().hiddenSize(), size.inner());
                Decoder decoder = Decoder.load(engine, model, type)) {
            int[] rows = IntStream.range(0, tokens).toArray();
            Alternation rounds = Alternation.run(
                    seconds,
                    () -> TIMES * tokens / Alternation.seconds(() -> score(engine, decoder, batch, rows)),
                    gemm::measure);
            return measurement(rounds, size, gemm, type, length);
        }
    }

    private static Measurement measurement(
            Alternation rounds, ModelSize size, GemmRate gemm, DataType type, int length) {
        double perToken = 2.0 * size.parameters();
        Map<String, String> details = new LinkedHashMap<>(gemm.details());
        details.put("shape", SEQUENCES + " x " + length + " tokens");
        details.put("tokens/s", String.format(Locale.ROOT, "%.0f", Measurement.median(rounds.thing())));
        details.put("FLOP a token", String.format(Locale.ROOT, "2 x %,d parameters", size.parameters()));
        details.put(
                "ratio without the embeddings, which hidden states do not multiply",
                String.format(
                        Locale.ROOT,
                        "%.3f",
                        2.0
                                * size.inLayers()
                                * Measurement.median(rounds.thing())
                                / Measurement.median(rounds.limit())));
        List<Double> flops =
                rounds.thing().stream().map(rate -> rate * perToken / 1e9).toList();
        List<Double> limit = rounds.limit().stream().map(rate -> rate / 1e9).toList();
        String what = "score " + type.name().toLowerCase(Locale.ROOT);
        return new Measurement(what, "GFLOP/s", flops, limit, GOAL, details);
    }

    private static TokenBatch batch(ModelDirectory model, int length) {
        Random random = new Random(SEED);
        List<int[]> sequences = new ArrayList<>();
        for (int i = 0; i < SEQUENCES; i++) {
            sequences.add(
                    random.ints(length, 0, model.config().vocabularySize()).toArray());
        }
        return TokenBatch.of(sequences);
    }

    private static void score(Engine engine, Decoder decoder, TokenBatch batch, int[] rows) {
        for (int i = 0; i < TIMES; i++) {
            try (Scope once = engine.scope().child()) {
                Tensor hidden_BTD = decoder.hidden(once, batch);
                decoder.rows(once, hidden_BTD, rows);
            }
        }
    }
}
