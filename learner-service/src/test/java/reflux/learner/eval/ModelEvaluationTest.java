// SPDX-License-Identifier: Apache-2.0
package reflux.learner.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reflux.learner.step.TinyRun;
import reflux.model.decoder.Decoder;
import reflux.model.decoder.TokenBatch;
import reflux.model.engine.Engine;
import reflux.model.engine.EngineSettings;
import reflux.model.engine.EngineThread;
import reflux.model.engine.Scope;
import reflux.model.engine.Tensor;
import reflux.model.hf.ModelDirectory;
import reflux.model.text.PromptText;
import reflux.model.text.TextTokenizer;

/** Two random models with one vocabulary, so that every token pairs; seeds 6 and 7. */
class ModelEvaluationTest {
    private static final List<EvalItem> ITEMS = List.of(
            new EvalItem("hello ", List.of("world", "fox")),
            new EvalItem("the quick ", List.of("brown fox")),
            new EvalItem("w", List.of("")));

    @TempDir
    private Path directory;

    private ModelDirectory model;

    @BeforeEach
    void write() {
        model = TinyRun.student(directory);
    }

    @Test
    void lossAndBothDivergences_areThoseOfPlainJava() {
        try (EngineThread thread = EngineThread.start(EngineSettings.cpu("evaluation-test", 1))) {
            thread.call(engine -> {
                try (LanguageModel student = LanguageModel.load(engine, model);
                        LanguageModel teacher = other(engine);
                        TeacherForced forced = new TeacherForced(engine, student, Optional.of(teacher), 2)) {
                    double[] expected = expected(engine, student, teacher);

                    List<ForcedSums> found = forced.measure(ITEMS);

                    assertThat(ForcedSums.loss(found)).isCloseTo(expected[0], within(1e-5));
                    Divergence divergence = ForcedSums.divergence(found);
                    assertThat(divergence.klForward()).isCloseTo(expected[1], within(1e-5));
                    assertThat(divergence.klReverse()).isCloseTo(expected[2], within(1e-5));
                    assertThat(divergence.pairs()).isEqualTo((long) expected[3]);
                    assertThat(divergence.alignRatio()).isEqualTo(1);
                    return true;
                }
            });
        }
    }

    @Test
    void eachItem_hasWhatItIsMeasuredAlone() {
        try (EngineThread thread = EngineThread.start(EngineSettings.cpu("evaluation-test", 1))) {
            thread.call(engine -> {
                try (LanguageModel student = LanguageModel.load(engine, model);
                        LanguageModel teacher = other(engine);
                        TeacherForced forced = new TeacherForced(engine, student, Optional.of(teacher), 3)) {
                    List<ForcedSums> together = forced.measure(ITEMS);

                    for (int i = 0; i < ITEMS.size(); i++) {
                        ForcedSums alone =
                                forced.measure(ITEMS.subList(i, i + 1)).get(0);
                        assertThat(together.get(i).tokens()).isEqualTo(alone.tokens());
                        assertThat(together.get(i).pairs()).isEqualTo(alone.pairs());
                        assertThat(together.get(i).surprise()).isCloseTo(alone.surprise(), within(1e-4));
                        assertThat(together.get(i).forward()).isCloseTo(alone.forward(), within(1e-4));
                        assertThat(together.get(i).reverse()).isCloseTo(alone.reverse(), within(1e-4));
                    }
                    return true;
                }
            });
        }
    }

    @Test
    void batchSize_changesNothing() {
        EvalScores one = scores(1, 4);
        EvalScores all = scores(3, 4);

        assertThat(all.rates()).isEqualTo(one.rates());
        all.named()
                .forEach((name, value) ->
                        assertThat(value).as(name).isCloseTo(one.named().get(name), within(1e-6)));
        assertThat(one.named()).containsOnlyKeys("per", "wer", "rouge_l", "exact_match", "loss");
    }

    @Test
    void responseBeyondTheContext_isCutAndItsEndIsNoLabel() {
        try (TextTokenizer tokenizer = model.openTokenizer()) {
            PromptText hello = new PromptText.Text("hello");
            ForcedView whole = ForcedView.of(tokenizer, 48, hello, "q".repeat(20));
            ForcedView cut = ForcedView.of(tokenizer, 12, hello, "q".repeat(20));

            assertThat(whole.labels().get(whole.labels().size() - 1))
                    .isEqualTo(tokenizer.vocabulary().endId());
            assertThat(cut.input().size()).isEqualTo(12);
            assertThat(cut.labels().size()).isEqualTo(12 - cut.firstRow());
            assertThat(cut.spans().coveredBytes()).isEqualTo(cut.labels().size());
        }
    }

    private EvalScores scores(int batchSize, int maxNewTokens) {
        try (EngineThread thread = EngineThread.start(EngineSettings.cpu("evaluation-test", 1))) {
            return thread.call(engine -> {
                try (LanguageModel student = LanguageModel.load(engine, model);
                        ModelEvaluation evaluation =
                                new ModelEvaluation(engine, student, Optional.empty(), maxNewTokens, batchSize)) {
                    return evaluation.measure(ITEMS).scores();
                }
            });
        }
    }

    private LanguageModel other(Engine engine) {
        return new LanguageModel(Decoder.random(engine, model.config(), 7), model.openTokenizer());
    }

    /** Loss, forward and reverse KL per token, tokens. */
    private static double[] expected(Engine engine, LanguageModel student, LanguageModel teacher) {
        double[] sums = new double[4];
        for (EvalItem item : ITEMS) {
            int[] prompt = student.tokenizer().encodePrompt(item.prompt());
            int[] response = student.tokenizer().encode(item.references().get(0));
            int[] all = new int[prompt.length + response.length];
            System.arraycopy(prompt, 0, all, 0, prompt.length);
            System.arraycopy(response, 0, all, prompt.length, response.length);
            float[] q = logits(engine, student.decoder(), all);
            float[] p = logits(engine, teacher.decoder(), all);
            int width = q.length / all.length;
            for (int row = prompt.length - 1; row < all.length; row++) {
                double[] logQ = logSoftmax(q, row * width, width);
                double[] logP = logSoftmax(p, row * width, width);
                int next = row + 1 < all.length
                        ? all[row + 1]
                        : student.tokenizer().vocabulary().endId();
                sums[0] -= logQ[next];
                for (int v = 0; v < width; v++) {
                    sums[1] += Math.exp(logP[v]) * (logP[v] - logQ[v]);
                    sums[2] += Math.exp(logQ[v]) * (logQ[v] - logP[v]);
                }
                sums[3]++;
            }
        }
        return new double[] {sums[0] / sums[3], sums[1] / sums[3], sums[2] / sums[3], sums[3]};
    }

    private static float[] logits(Engine engine, Decoder decoder, int[] ids) {
        try (Scope scope = engine.scope().child()) {
            Tensor hidden = decoder.hidden(scope, TokenBatch.of(List.of(ids)));
            int[] rows = java.util.stream.IntStream.range(0, ids.length).toArray();
            return decoder.logits(scope, decoder.rows(scope, hidden, rows)).floats();
        }
    }

    private static double[] logSoftmax(float[] logits, int offset, int width) {
        double top = Double.NEGATIVE_INFINITY;
        for (int v = 0; v < width; v++) {
            top = Math.max(top, logits[offset + v]);
        }
        double sum = 0;
        for (int v = 0; v < width; v++) {
            sum += Math.exp(logits[offset + v] - top);
        }
        double[] result = new double[width];
        for (int v = 0; v < width; v++) {
            result[v] = logits[offset + v] - top - Math.log(sum);
        }
        return result;
    }
}
