// SPDX-License-Identifier: Apache-2.0
package reflux.learner.eval;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import reflux.model.decoder.Decoder;
import reflux.model.engine.DataType;
import reflux.model.engine.Engine;
import reflux.model.engine.EngineSettings;
import reflux.model.engine.EngineThread;
import reflux.model.hf.ModelDirectory;
import reflux.model.text.PromptText;
import reflux.model.text.TextTokenizer;

/** Decodes every prompt of a file greedily and compares with its references; blocks. */
public final class Evaluation {
    private final EvalConfig config;

    public Evaluation(EvalConfig config) {
        this.config = config;
    }

    public EvalReport run() {
        long started = System.nanoTime();
        List<EvalItem> items = EvalItem.read(config.data());
        ModelDirectory directory = ModelDirectory.open(config.model());
        try (EngineThread thread = EngineThread.start(EngineSettings.cpu("eval", config.threads()));
                TextTokenizer tokenizer = directory.openTokenizer()) {
            List<String> responses = thread.call(engine -> responses(engine, directory, tokenizer, items));
            ErrorRates rates = ErrorRates.of(items, responses);
            Divergence divergence = divergence(thread, directory, items);
            double seconds = (System.nanoTime() - started) / 1e9;
            return new EvalReport(
                    config.model().toString(),
                    config.data().toString(),
                    items.size(),
                    rates.per(),
                    rates.wer(),
                    divergence == null ? null : divergence.klPerToken(),
                    divergence == null ? null : divergence.alignRatio(),
                    seconds,
                    samples(items, responses));
        }
    }

    private List<String> responses(
            Engine engine, ModelDirectory directory, TextTokenizer tokenizer, List<EvalItem> items) {
        try (Decoder decoder = Decoder.load(engine, directory, DataType.F32)) {
            GreedyDecoding decoding =
                    new GreedyDecoding(engine, decoder, tokenizer, config.maxNewTokens(), config.batchSize());
            return decoding.decode(items.stream()
                    .map(item -> tokenizer.encodePrompt(new PromptText.Text(item.prompt())))
                    .toList());
        }
    }

    private @Nullable Divergence divergence(EngineThread thread, ModelDirectory student, List<EvalItem> items) {
        if (config.teacher() == null) {
            return null;
        }
        ModelDirectory teacher = ModelDirectory.open(config.teacher());
        return thread.call(engine -> TeacherForced.measure(engine, student, teacher, items, config.batchSize()));
    }

    private List<EvalReport.Sample> samples(List<EvalItem> items, List<String> responses) {
        List<EvalReport.Sample> samples = new ArrayList<>();
        for (int i = 0; i < Math.min(config.samples(), items.size()); i++) {
            EvalItem item = items.get(i);
            samples.add(new EvalReport.Sample(item.prompt(), responses.get(i), item.references()));
        }
        return samples;
    }
}
