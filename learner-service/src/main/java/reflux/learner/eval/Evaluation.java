// SPDX-License-Identifier: Apache-2.0
package reflux.learner.eval;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import reflux.model.engine.Engine;
import reflux.model.engine.EngineSettings;
import reflux.model.engine.EngineThread;
import reflux.model.hf.ModelDirectory;

/** Evaluates a model directory on a file of items; blocks. */
public final class Evaluation {
    private final EvalConfig config;

    public Evaluation(EvalConfig config) {
        this.config = config;
    }

    public EvalReport run() {
        long started = System.nanoTime();
        List<EvalItem> items = EvalItem.read(config.data());
        ModelDirectory directory = ModelDirectory.open(config.model());
        Optional<ModelDirectory> teacher = Optional.ofNullable(config.teacher()).map(ModelDirectory::open);
        try (EngineThread thread = EngineThread.start(EngineSettings.cpu("eval", config.threads()))) {
            ModelEvaluation.Outcome outcome = thread.call(engine -> measure(engine, directory, teacher, items));
            return report(items, outcome, (System.nanoTime() - started) / 1e9);
        }
    }

    private ModelEvaluation.Outcome measure(
            Engine engine, ModelDirectory directory, Optional<ModelDirectory> teacher, List<EvalItem> items) {
        try (LanguageModel model = LanguageModel.load(engine, directory)) {
            if (teacher.isEmpty()) {
                return measure(engine, model, Optional.empty(), items);
            }
            try (LanguageModel known = LanguageModel.load(engine, teacher.get())) {
                return measure(engine, model, Optional.of(known), items);
            }
        }
    }

    private ModelEvaluation.Outcome measure(
            Engine engine, LanguageModel model, Optional<LanguageModel> teacher, List<EvalItem> items) {
        try (ModelEvaluation evaluation =
                new ModelEvaluation(engine, model, teacher, config.maxNewTokens(), config.batchSize())) {
            return evaluation.measure(items);
        }
    }

    private EvalReport report(List<EvalItem> items, ModelEvaluation.Outcome outcome, double seconds) {
        EvalScores scores = outcome.scores();
        return new EvalReport(
                config.model().toString(),
                config.data().toString(),
                items.size(),
                scores.rates().per(),
                scores.rates().wer(),
                scores.rougeL(),
                scores.exactMatch(),
                scores.loss(),
                orNull(scores.divergence().map(Divergence::klForward)),
                orNull(scores.divergence().map(Divergence::klReverse)),
                orNull(scores.divergence().map(Divergence::alignRatio)),
                seconds,
                samples(items, outcome.items()),
                outcome.items().stream().map(Evaluation::item).toList());
    }

    private static EvalReport.Item item(ModelEvaluation.Measured measured) {
        ForcedSums forced = measured.forced();
        return new EvalReport.Item(
                measured.prompt().toArray(),
                measured.response().toArray(),
                measured.text(),
                forced.surprise() / forced.tokens(),
                orNull(forced.klForward()),
                orNull(forced.klReverse()),
                forced.pairs());
    }

    private List<EvalReport.Sample> samples(List<EvalItem> items, List<ModelEvaluation.Measured> measured) {
        List<EvalReport.Sample> samples = new ArrayList<>();
        for (int i = 0; i < Math.min(config.samples(), items.size()); i++) {
            EvalItem item = items.get(i);
            samples.add(new EvalReport.Sample(item.text(), measured.get(i).text(), item.references()));
        }
        return samples;
    }

    private static @Nullable Double orNull(Optional<Double> value) {
        return value.orElse(null);
    }
}
