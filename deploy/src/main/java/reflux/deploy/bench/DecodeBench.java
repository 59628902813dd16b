// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import reflux.model.engine.DataType;
import reflux.model.engine.Engine;
import reflux.model.engine.EngineSettings;
import reflux.model.engine.EngineThread;
import reflux.model.hf.ModelDirectory;

/** One sequence, whose steps read all weights: beside it, as many steps as memory would let through. */
public final class DecodeBench implements Bench {
    private static final int CONTEXT = 128;
    private static final Goal F32_GOAL = Goal.atLeast(0.65);
    private static final Goal BF16_GOAL = Goal.atLeast(0.55);

    @Override
    public List<Measurement> run(BenchSettings settings) {
        ModelDirectory model = ModelDirectory.open(settings.model());
        try (EngineThread thread = EngineThread.start(EngineSettings.cpu("bench", settings.threads()))) {
            return thread.call(engine -> {
                List<Measurement> found = new ArrayList<>();
                found.add(measure(engine, model, DataType.F32, F32_GOAL, settings.seconds()));
                found.add(measure(engine, model, DataType.BF16, BF16_GOAL, settings.seconds()));
                return found;
            });
        }
    }

    private static Measurement measure(Engine engine, ModelDirectory model, DataType type, Goal goal, double seconds)
            throws Exception {
        ModelSize size = ModelSize.of(model);
        double bytes = (double) size.readByStep() * type.bytes();
        try (ReadBandwidth bandwidth = new ReadBandwidth(engine);
                Decoding decoding = new Decoding(engine, model, type, 1, CONTEXT)) {
            List<Double> rates = new ArrayList<>();
            Alternation rounds = Alternation.run(seconds, decoding::measure, () -> {
                rates.add(bandwidth.measure());
                return rates.get(rates.size() - 1) / bytes;
            });
            Map<String, String> details = new LinkedHashMap<>();
            details.put("shape", "B 1, context " + decoding.context());
            details.put("limit", "read bandwidth / bytes of weights that a step reads");
            details.put(
                    "read bandwidth",
                    String.format(
                            Locale.ROOT,
                            "%.1f GB/s, %s",
                            Measurement.median(rates) / 1e9,
                            ReadBandwidth.description()));
            details.put("bytes a step", String.format(Locale.ROOT, "%,.0f", bytes));
            return new Measurement(
                    "decode " + type.name().toLowerCase(Locale.ROOT),
                    "tokens/s",
                    rounds.thing(),
                    rounds.limit(),
                    goal,
                    details);
        }
    }
}
