// SPDX-License-Identifier: Apache-2.0
package reflux.learner.eval;

import java.util.List;
import java.util.Optional;
import reflux.model.engine.Engine;

/** Evaluates a model that is open, as its weights are at each call. Confined to the engine thread; the models stay the caller's. */
public final class ModelEvaluation implements AutoCloseable {
    private final LanguageModel model;
    private final GreedyDecoding decoding;
    private final TeacherForced forced;

    /** @param batchSize sequences that are decoded at once; changes nothing but memory and speed */
    public ModelEvaluation(
            Engine engine, LanguageModel model, Optional<LanguageModel> teacher, int maxNewTokens, int batchSize) {
        this.model = model;
        this.decoding = new GreedyDecoding(engine, model.decoder(), model.tokenizer(), maxNewTokens, batchSize);
        this.forced = new TeacherForced(engine, model, teacher, batchSize);
    }

    /** Decodes the prompts greedily, forces the model along the first references, and compares. */
    public Outcome measure(List<EvalItem> items) {
        List<String> responses = decoding.decode(items.stream()
                .map(item -> model.tokenizer().encodePrompt(item.prompt()))
                .toList());
        return new Outcome(EvalScores.of(items, responses, forced.measure(items)), responses);
    }

    @Override
    public void close() {
        forced.close();
    }

    /**
     * What was found.
     *
     * @param responses the greedy one of each item
     */
    public record Outcome(EvalScores scores, List<String> responses) {
        public Outcome {
            responses = List.copyOf(responses);
        }
    }
}
