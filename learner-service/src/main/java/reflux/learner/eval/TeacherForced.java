// SPDX-License-Identifier: Apache-2.0
package reflux.learner.eval;

import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;
import reflux.learner.align.Alignment;
import reflux.learner.align.FirstTokens;
import reflux.learner.align.TokenAligner;
import reflux.learner.align.TokenPair;
import reflux.model.decoder.TokenBatch;
import reflux.model.engine.Engine;
import reflux.model.engine.Scope;
import reflux.model.engine.Script;
import reflux.model.engine.Tensor;
import reflux.model.text.TokenIds;

/**
 * A model forced along the first reference of each item: its loss there, and its divergence from a teacher that is forced
 * along the same, at every exactly paired token, over the tokens that both vocabularies spell alike and one outcome for the
 * rest. Confined to the engine thread.
 */
final class TeacherForced implements AutoCloseable {
    private static final int CHUNK_ROWS = 1024;

    private final Engine engine;
    private final LanguageModel model;
    private final Optional<LanguageModel> teacher;
    private final int batchSize;
    private final Script script;
    private final Map<FirstTokens, SharedVocabulary> readings = new HashMap<>();

    TeacherForced(Engine engine, LanguageModel model, Optional<LanguageModel> teacher, int batchSize) {
        this.engine = engine;
        this.model = model;
        this.teacher = teacher;
        this.batchSize = batchSize;
        this.script = Script.load(engine, TeacherForced.class, "divergence.py");
    }

    /**
     * What was found on all items.
     *
     * @param loss −log q per token, in nats
     */
    record Result(double loss, Optional<Divergence> divergence) {}

    Result measure(List<EvalItem> items) {
        Sums sums = new Sums();
        for (int start = 0; start < items.size(); start += batchSize) {
            add(items.subList(start, Math.min(items.size(), start + batchSize)), sums);
        }
        return new Result(sums.surprise / Math.max(1, sums.tokens), teacher.map(known -> sums.divergence()));
    }

    private void add(List<EvalItem> items, Sums sums) {
        List<ForcedView> views = views(model, items);
        TokenBatch batch = batch(views);
        try (Scope scope = engine.scope().child()) {
            Tensor hidden_BTD = model.decoder().hidden(scope, batch);
            surprise(views, batch.width(), hidden_BTD, sums);
            teacher.ifPresent(known -> compare(known, items, views, batch, hidden_BTD, sums));
        }
    }

    private void surprise(List<ForcedView> views, int width, Tensor hidden_BTD, Sums sums) {
        int[] labels = views.stream()
                .flatMapToInt(view -> Arrays.stream(view.labels().toArray()))
                .toArray();
        int[] rows = IntStream.range(0, views.size())
                .flatMap(b -> views.get(b).rows(b * width))
                .toArray();
        for (int start = 0; start < rows.length; start += CHUNK_ROWS) {
            int end = Math.min(rows.length, start + CHUNK_ROWS);
            try (Scope scope = engine.scope().child()) {
                Tensor logits_NV = logits(scope, model, hidden_BTD, Arrays.copyOfRange(rows, start, end));
                Tensor labels_N = scope.ints(Arrays.copyOfRange(labels, start, end), end - start);
                sums.surprise +=
                        script.call(scope, "surprise", logits_NV, labels_N).item();
            }
        }
        sums.tokens += rows.length;
    }

    private void compare(
            LanguageModel known,
            List<EvalItem> items,
            List<ForcedView> ofStudent,
            TokenBatch studentBatch,
            Tensor studentHidden_BTD,
            Sums sums) {
        List<ForcedView> ofTeacher = views(known, items);
        TokenBatch teacherBatch = batch(ofTeacher);
        Map<FirstTokens, PairedRows> paired = new LinkedHashMap<>();
        Function<FirstTokens, PairedRows> readAs = first ->
                paired.computeIfAbsent(first, key -> new PairedRows(teacherBatch.width(), studentBatch.width()));
        for (int b = 0; b < items.size(); b++) {
            pair(b, ofTeacher.get(b), ofStudent.get(b), readAs);
        }
        try (Scope scope = engine.scope().child()) {
            Tensor teacherHidden_BTD = known.decoder().hidden(scope, teacherBatch);
            paired.forEach((first, rows) -> {
                SharedVocabulary shared = readings.computeIfAbsent(first, key -> shared(known, key));
                divergences(known, teacherHidden_BTD, studentHidden_BTD, rows, shared, sums);
            });
        }
    }

    private static void pair(int item, ForcedView t, ForcedView s, Function<FirstTokens, PairedRows> readAs) {
        Alignment alignment = TokenAligner.align(t.spans(), s.spans());
        for (TokenPair pair : alignment.exactPairs()) {
            boolean isFirst = pair.teacher() == 0 && pair.student() == 0;
            readAs.apply(isFirst ? alignment.firstTokens() : FirstTokens.PLAIN).add(item, t, s, pair);
        }
        for (TokenPair pair : alignment.endPairs()) {
            readAs.apply(FirstTokens.PLAIN).add(item, t, s, pair);
        }
    }

    private void divergences(
            LanguageModel known,
            Tensor teacherHidden_BTD,
            Tensor studentHidden_BTD,
            PairedRows rows,
            SharedVocabulary shared,
            Sums sums) {
        for (int start = 0; start < rows.count(); start += CHUNK_ROWS) {
            int end = Math.min(rows.count(), start + CHUNK_ROWS);
            try (Scope scope = engine.scope().child()) {
                double[] both = script.call(
                                scope,
                                "divergences",
                                logits(scope, known, teacherHidden_BTD, rows.teacher(start, end)),
                                logits(scope, model, studentHidden_BTD, rows.student(start, end)),
                                ids(scope, shared.teacher()),
                                ids(scope, shared.student()),
                                ids(scope, shared.teacherRest()),
                                ids(scope, shared.studentRest()))
                        .doubles();
                sums.forward += both[0];
                sums.reverse += both[1];
                sums.pairs += end - start;
            }
        }
    }

    private SharedVocabulary shared(LanguageModel known, FirstTokens first) {
        return SharedVocabulary.of(
                known.tokenizer().vocabulary(),
                known.decoder().config().vocabularySize(),
                model.tokenizer().vocabulary(),
                model.decoder().config().vocabularySize(),
                first);
    }

    private static Tensor logits(Scope scope, LanguageModel model, Tensor hidden_BTD, int[] rows) {
        return model.decoder().logits(scope, model.decoder().rows(scope, hidden_BTD, rows));
    }

    private static Tensor ids(Scope scope, TokenIds ids) {
        return scope.ints(ids.toArray(), ids.size());
    }

    private static List<ForcedView> views(LanguageModel model, List<EvalItem> items) {
        return items.stream()
                .map(item ->
                        ForcedView.of(model, item.prompt(), item.references().get(0)))
                .toList();
    }

    private static TokenBatch batch(List<ForcedView> views) {
        return TokenBatch.of(views.stream().map(view -> view.input().toArray()).toList());
    }

    @Override
    public void close() {
        script.close();
    }

    private static final class Sums {
        private double surprise;
        private long tokens;
        private double forward;
        private double reverse;
        private long pairs;

        Divergence divergence() {
            double rows = Math.max(1, pairs);
            return new Divergence(forward / rows, reverse / rows, pairs / (double) Math.max(1, tokens), pairs);
        }
    }
}
