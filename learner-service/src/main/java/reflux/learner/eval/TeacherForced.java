// SPDX-License-Identifier: Apache-2.0
package reflux.learner.eval;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import reflux.learner.align.Alignment;
import reflux.learner.align.FirstTokens;
import reflux.learner.align.TokenAligner;
import reflux.learner.align.TokenPair;
import reflux.model.decoder.Decoder;
import reflux.model.decoder.TokenBatch;
import reflux.model.engine.DataType;
import reflux.model.engine.Engine;
import reflux.model.engine.Scope;
import reflux.model.engine.Script;
import reflux.model.engine.Tensor;
import reflux.model.hf.ModelDirectory;
import reflux.model.text.TextTokenizer;
import reflux.model.text.TokenIds;

/**
 * Forward KL from a teacher to a model where both are forced along the first reference of each item: at every exactly
 * paired token, over the tokens that both vocabularies spell alike and one outcome for the rest. Confined to the engine
 * thread.
 */
final class TeacherForced implements AutoCloseable {
    private final Engine engine;
    private final Decoder teacher;
    private final Decoder student;
    private final TextTokenizer teacherTokens;
    private final TextTokenizer studentTokens;
    private final Script script;
    private final Map<FirstTokens, SharedVocabulary> readings = new HashMap<>();

    private double sum;
    private long pairs;
    private long tokens;

    private TeacherForced(Engine engine, ModelDirectory student, ModelDirectory teacher) {
        this.engine = engine;
        this.teacher = Decoder.load(engine, teacher, DataType.F32);
        this.student = Decoder.load(engine, student, DataType.F32);
        this.teacherTokens = teacher.openTokenizer();
        this.studentTokens = student.openTokenizer();
        this.script = Script.load(engine, TeacherForced.class, "divergence.py");
    }

    static Divergence measure(
            Engine engine, ModelDirectory student, ModelDirectory teacher, List<EvalItem> items, int batchSize) {
        try (TeacherForced forced = new TeacherForced(engine, student, teacher)) {
            for (int start = 0; start < items.size(); start += batchSize) {
                forced.add(items.subList(start, Math.min(items.size(), start + batchSize)));
            }
            return new Divergence(
                    forced.sum / Math.max(1, forced.pairs),
                    forced.pairs / (double) Math.max(1, forced.tokens),
                    forced.pairs);
        }
    }

    private SharedVocabulary shared(FirstTokens first) {
        return SharedVocabulary.of(
                teacherTokens.vocabulary(),
                teacher.config().vocabularySize(),
                studentTokens.vocabulary(),
                student.config().vocabularySize(),
                first);
    }

    private void add(List<EvalItem> items) {
        List<ForcedView> ofTeacher = views(teacherTokens, items);
        List<ForcedView> ofStudent = views(studentTokens, items);
        TokenBatch teacherBatch = batch(ofTeacher);
        TokenBatch studentBatch = batch(ofStudent);
        Map<FirstTokens, PairedRows> rows = new LinkedHashMap<>();
        Function<FirstTokens, PairedRows> rowsReadAs =
                first -> rows.computeIfAbsent(first, key -> new PairedRows(teacherBatch.width(), studentBatch.width()));
        for (int b = 0; b < items.size(); b++) {
            ForcedView t = ofTeacher.get(b);
            ForcedView s = ofStudent.get(b);
            Alignment alignment = TokenAligner.align(t.spans(), s.spans());
            for (TokenPair pair : alignment.exactPairs()) {
                boolean isFirst = pair.teacher() == 0 && pair.student() == 0;
                rowsReadAs
                        .apply(isFirst ? alignment.firstTokens() : FirstTokens.PLAIN)
                        .add(b, t, s, pair);
            }
            for (TokenPair pair : alignment.endPairs()) {
                rowsReadAs.apply(FirstTokens.PLAIN).add(b, t, s, pair);
            }
            tokens += s.spans().size();
        }
        measure(teacherBatch, studentBatch, rows);
    }

    private void measure(TokenBatch teacherBatch, TokenBatch studentBatch, Map<FirstTokens, PairedRows> rows) {
        try (Scope scope = engine.scope().child()) {
            Tensor teacherHidden_BTD = teacher.hidden(scope, teacherBatch);
            Tensor studentHidden_BTD = student.hidden(scope, studentBatch);
            rows.forEach((first, paired) -> {
                SharedVocabulary shared = readings.computeIfAbsent(first, this::shared);
                sum += divergence(scope, teacherHidden_BTD, studentHidden_BTD, paired, shared);
                pairs += paired.count();
            });
        }
    }

    private double divergence(
            Scope scope, Tensor teacherHidden_BTD, Tensor studentHidden_BTD, PairedRows rows, SharedVocabulary shared) {
        Tensor teacherLogits_NV = teacher.logits(scope, teacher.rows(scope, teacherHidden_BTD, rows.teacher()));
        Tensor studentLogits_NV = student.logits(scope, student.rows(scope, studentHidden_BTD, rows.student()));
        return script.call(
                        scope,
                        "forward_kl",
                        teacherLogits_NV,
                        studentLogits_NV,
                        ids(scope, shared.teacher()),
                        ids(scope, shared.student()),
                        ids(scope, shared.teacherRest()),
                        ids(scope, shared.studentRest()))
                .item();
    }

    private static Tensor ids(Scope scope, TokenIds ids) {
        return scope.ints(ids.toArray(), ids.size());
    }

    private static List<ForcedView> views(TextTokenizer tokenizer, List<EvalItem> items) {
        return items.stream()
                .map(item -> ForcedView.of(
                        tokenizer, item.prompt(), item.references().get(0)))
                .toList();
    }

    private static TokenBatch batch(List<ForcedView> views) {
        return TokenBatch.of(views.stream().map(view -> view.input().toArray()).toList());
    }

    @Override
    public void close() {
        script.close();
        teacherTokens.close();
        studentTokens.close();
        teacher.close();
        student.close();
    }

    /** Flat rows of both batches, pair by pair. */
    private static final class PairedRows {
        private final int teacherWidth;
        private final int studentWidth;
        private final List<Integer> teacher = new ArrayList<>();
        private final List<Integer> student = new ArrayList<>();

        PairedRows(int teacherWidth, int studentWidth) {
            this.teacherWidth = teacherWidth;
            this.studentWidth = studentWidth;
        }

        void add(int item, ForcedView t, ForcedView s, TokenPair pair) {
            teacher.add(item * teacherWidth + t.firstRow() + pair.teacher());
            student.add(item * studentWidth + s.firstRow() + pair.student());
        }

        int count() {
            return teacher.size();
        }

        int[] teacher() {
            return teacher.stream().mapToInt(Integer::intValue).toArray();
        }

        int[] student() {
            return student.stream().mapToInt(Integer::intValue).toArray();
        }
    }
}
