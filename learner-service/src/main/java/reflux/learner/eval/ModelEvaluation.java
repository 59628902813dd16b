// SPDX-License-Identifier: Apache-2.0
package reflux.learner.eval;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import reflux.model.engine.Engine;
import reflux.model.text.TokenIds;

/** Evaluates a model that is open, as its weights are at each call. Confined to the engine thread; the models stay the caller's. */
public final class ModelEvaluation implements AutoCloseable {
    private final LanguageModel model;
    private final GreedyDecoding decoding;
    private final TeacherForced forced;
    private final boolean hasTeacher;

    /** @param batchSize sequences that are decoded at once; changes nothing but memory and speed */
    public ModelEvaluation(
            Engine engine, LanguageModel model, Optional<LanguageModel> teacher, int maxNewTokens, int batchSize) {
        this.model = model;
        this.decoding = new GreedyDecoding(engine, model.decoder(), model.tokenizer(), maxNewTokens, batchSize);
        this.forced = new TeacherForced(engine, model, teacher, batchSize);
        this.hasTeacher = teacher.isPresent();
    }

    /** Decodes the prompts greedily, forces the model along the first references, and compares. */
    public Outcome measure(List<EvalItem> items) {
        List<int[]> prompts = items.stream()
                .map(item -> model.tokenizer().encodePrompt(item.prompt()))
                .toList();
        List<GreedyDecoding.Decoded> decoded = decoding.decode(prompts);
        List<ForcedSums> sums = forced.measure(items);
        List<Measured> measured = new ArrayList<>();
        for (int i = 0; i < prompts.size(); i++) {
            GreedyDecoding.Decoded response = decoded.get(i);
            measured.add(new Measured(TokenIds.of(prompts.get(i)), response.ids(), response.text(), sums.get(i)));
        }
        return new Outcome(EvalScores.of(items, measured, hasTeacher), measured);
    }

    @Override
    public void close() {
        forced.close();
    }

    /**
     * What was found of one item.
     *
     * @param prompt ids that the model was given
     * @param response the greedy one, the end token that closed it among its ids
     * @param text that of the response
     */
    public record Measured(TokenIds prompt, TokenIds response, String text, ForcedSums forced) {}

    /** What was found, and of each item in their order. */
    public record Outcome(EvalScores scores, List<Measured> items) {
        public Outcome {
            items = List.copyOf(items);
        }
    }
}
