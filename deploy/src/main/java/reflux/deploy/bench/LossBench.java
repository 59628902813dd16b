// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import reflux.learner.loss.DualSpaceLoss;
import reflux.model.engine.Engine;
import reflux.model.engine.EngineSettings;
import reflux.model.engine.EngineThread;
import reflux.model.engine.MatmulPrecision;
import reflux.model.hf.ModelDirectory;

/**
 * The loss alone, on heads of the model's width and some vocabularies: as it is, beside the same with the logits of all rows at once.
 * Seconds in turn in this process, memory each in a process of its own, over as many rows as this machine has memory for.
 */
public final class LossBench implements Bench {
    private static final Goal MEMORY_GOAL = Goal.atMost(0.125);
    private static final Goal TIME_GOAL = Goal.atMost(1.3);
    private static final int MEMORY_ROUNDS = 1;

    private final int rows;
    private final List<Integer> vocabularies;

    /** What a step of 2,048 tokens has, with the vocabularies of SmolLM2 and Qwen. */
    public LossBench() {
        this(2048, List.of(49_152, 151_936));
    }

    LossBench(int rows, List<Integer> vocabularies) {
        this.rows = rows;
        this.vocabularies = List.copyOf(vocabularies);
    }

    @Override
    public List<Measurement> run(BenchSettings settings) throws Exception {
        int width = ModelDirectory.open(settings.model()).config().hiddenSize();
        List<Measurement> found = new ArrayList<>();
        for (int vocabulary : vocabularies) {
            found.add(memory(settings, vocabulary, width));
        }
        EngineSettings engine =
                EngineSettings.cpu("bench", settings.threads()).withMatmulPrecision(MatmulPrecision.MEDIUM);
        try (EngineThread thread = EngineThread.start(engine)) {
            for (int vocabulary : vocabularies) {
                found.add(thread.call(opened -> time(opened, settings.seconds(), vocabulary, width)));
            }
        }
        return found;
    }

    private Measurement memory(BenchSettings settings, int vocabulary, int width) throws Exception {
        int fitting = FittingRows.of(rows, vocabulary, width);
        List<Double> chunked = new ArrayList<>();
        List<Double> whole = new ArrayList<>();
        for (int round = 0; round < MEMORY_ROUNDS; round++) {
            chunked.add(LossPeak.measure(settings.threads(), fitting, vocabulary, width, true));
            whole.add(LossPeak.measure(settings.threads(), fitting, vocabulary, width, false));
        }
        Map<String, String> details = details(fitting, vocabulary, width);
        if (fitting < rows) {
            details.put(
                    "rows",
                    "not " + rows + ": all their logits at once are predicted not to fit into this machine's memory");
        }
        details.put(
                "what",
                "growth of the process's peak resident memory over what it held before, each in its own process");
        return new Measurement("loss memory V " + vocabulary, "MiB", chunked, whole, MEMORY_GOAL, details);
    }

    private Measurement time(Engine engine, double seconds, int vocabulary, int width) throws Exception {
        int fitting = FittingRows.of(rows, vocabulary, width);
        try (LossWork work = new LossWork(engine, fitting, vocabulary, width);
                DualSpaceLoss chunked = work.loss(true);
                DualSpaceLoss whole = work.loss(false)) {
            Alternation rounds = Alternation.run(
                    seconds,
                    () -> Alternation.seconds(() -> work.run(chunked, fitting)),
                    () -> Alternation.seconds(() -> work.run(whole, fitting)));
            return new Measurement(
                    "loss time V " + vocabulary,
                    "s",
                    rounds.thing(),
                    rounds.limit(),
                    TIME_GOAL,
                    details(fitting, vocabulary, width));
        }
    }

    private static Map<String, String> details(int count, int vocabulary, int width) {
        Map<String, String> details = new LinkedHashMap<>();
        details.put("limit", "the same with all rows' logits at once");
        details.put(
                "shape",
                String.format(
                        Locale.ROOT,
                        "%,d rows, width %d, %,d tokens in both vocabularies, f32, both passes and all gradients",
                        count,
                        width,
                        vocabulary));
        return details;
    }
}
