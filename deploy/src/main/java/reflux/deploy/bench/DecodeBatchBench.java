// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.bench;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import reflux.model.engine.DataType;
import reflux.model.engine.Engine;
import reflux.model.engine.EngineSettings;
import reflux.model.engine.EngineThread;
import reflux.model.hf.ModelDirectory;

/** Eight sequences at once beside one alone, in bf16: they read the weights together. */
public final class DecodeBatchBench implements Bench {
    private static final int ROWS = 8;
    private static final int CONTEXT = 128;
    private static final Goal GOAL = Goal.atLeast(4);

    @Override
    public List<Measurement> run(BenchSettings settings) {
        ModelDirectory model = ModelDirectory.open(settings.model());
        try (EngineThread thread = EngineThread.start(EngineSettings.cpu("bench", settings.threads()))) {
            Measurement found = thread.call(engine -> measure(engine, model, settings.seconds()));
            return List.of(found);
        }
    }

    private static Measurement measure(Engine engine, ModelDirectory model, double seconds) throws Exception {
        try (Decoding together = new Decoding(engine, model, DataType.BF16, ROWS, CONTEXT);
                Decoding alone = new Decoding(engine, model, DataType.BF16, 1, CONTEXT)) {
            Alternation rounds = Alternation.run(seconds, together::measure, alone::measure);
            Map<String, String> details = new LinkedHashMap<>();
            details.put("shape", "B " + ROWS + ", contexts up to " + together.context() + ", each row at its own");
            details.put("limit", "B 1, the same type");
            return new Measurement("decode-batch bf16", "tokens/s", rounds.thing(), rounds.limit(), GOAL, details);
        }
    }
}
