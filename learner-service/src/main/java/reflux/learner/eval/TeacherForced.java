// SPDX-License-Identifier: Apache-2.0
package reflux.learner.eval;

import java.util.ArrayList;
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
import reflux.learner.loss.Chunk;
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

    /** What was found, item by item in their order. */
    List<ForcedSums> measure(List<EvalItem> items) {
        List<ForcedSums> found = new ArrayList<>();
        for (int start = 0; start < items.size(); start += batchSize) {
            Sums sums = new Sums(Math.min(items.size(), start + batchSize) - start);
            add(items.subList(start, start + sums.items), sums);
            sums.addTo(found);
        }
        return found;
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
        int[] items = IntStream.range(0, views.size())
                .flatMap(b ->
                        IntStream.generate(() -> b).limit(views.get(b).labels().size()))
                .toArray();
        for (Chunk chunk : Chunk.ofLogits(rows.length, columns(model))) {
            try (Scope scope = engine.scope().child()) {
                Tensor logits_NV = logits(scope, model, hidden_BTD, chunk.cut(rows));
                Tensor labels_N = scope.ints(chunk.cut(labels), chunk.size());
                double[] surprise =
                        script.call(scope, "surprise", logits_NV, labels_N).doubles();
                sums.addSurprise(chunk.cut(items), surprise);
            }
        }
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
        for (Chunk chunk : Chunk.ofLogits(rows.count(), Math.max(columns(known), columns(model)))) {
            int start = chunk.start();
            int end = start + chunk.size();
            try (Scope scope = engine.scope().child()) {
                double[] both = script.call(
                                scope,
                                "divergences",
                                logits(scope, known, teacherHidden_BTD, rows.teacher(start, end)),
                                known.tokenizer().vocabulary().size(),
                                logits(scope, model, studentHidden_BTD, rows.student(start, end)),
                                model.tokenizer().vocabulary().size(),
                                ids(scope, shared.teacher()),
                                ids(scope, shared.student()),
                                ids(scope, shared.teacherRest()),
                                ids(scope, shared.studentRest()))
                        .doubles();
                for (int i = 0; i < chunk.size(); i++) {
                    sums.addPair(rows.item(start + i), both[i], both[chunk.size() + i]);
                }
            }
        }
    }

    private SharedVocabulary shared(LanguageModel known, FirstTokens first) {
        return SharedVocabulary.of(
                known.tokenizer().vocabulary(), model.tokenizer().vocabulary(), first);
    }

    private static Tensor logits(Scope scope, LanguageModel model, Tensor hidden_BTD, int[] rows) {
        return model.decoder().logits(scope, model.decoder().rows(scope, hidden_BTD, rows));
    }

    private static long columns(LanguageModel model) {
        return model.decoder().config().vocabularySize();
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

    /** Of the items of a batch. */
    private static final class Sums {
        private final int items;
        private final double[] surprise;
        private final int[] tokens;
        private final double[] forward;
        private final double[] reverse;
        private final int[] pairs;

        Sums(int items) {
            this.items = items;
            this.surprise = new double[items];
            this.tokens = new int[items];
            this.forward = new double[items];
            this.reverse = new double[items];
            this.pairs = new int[items];
        }

        void addSurprise(int[] ofItems, double[] values) {
            for (int i = 0; i < values.length; i++) {
                surprise[ofItems[i]] += values[i];
                tokens[ofItems[i]]++;
            }
        }

        void addPair(int item, double forwardKl, double reverseKl) {
            forward[item] += forwardKl;
            reverse[item] += reverseKl;
            pairs[item]++;
        }

        void addTo(List<ForcedSums> found) {
            for (int i = 0; i < items; i++) {
                found.add(new ForcedSums(surprise[i], tokens[i], forward[i], reverse[i], pairs[i]));
            }
        }
    }
}
