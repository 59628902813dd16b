// SPDX-License-Identifier: Apache-2.0
package reflux.learner.eval;

import java.util.ArrayList;
import java.util.List;
import reflux.learner.align.Alignment;
import reflux.learner.align.FirstTokens;
import reflux.learner.align.LeadingSpace;
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
    private final SharedVocabulary anywhere;
    private final SharedVocabulary atStart;

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
        this.anywhere = shared(FirstTokens.PLAIN);
        this.atStart = shared(new FirstTokens(LeadingSpace.DROPPED, LeadingSpace.KEPT));
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
        PairedRows plain = new PairedRows(teacherBatch.width(), studentBatch.width());
        PairedRows first = new PairedRows(teacherBatch.width(), studentBatch.width());
        for (int b = 0; b < items.size(); b++) {
            ForcedView t = ofTeacher.get(b);
            ForcedView s = ofStudent.get(b);
            Alignment alignment = TokenAligner.align(t.spans(), s.spans());
            boolean dropped = !alignment.firstTokens().isPlain();
            for (TokenPair pair : alignment.exactPairs()) {
                (dropped && pair.teacher() == 0 ? first : plain).add(b, t, s, pair);
            }
            for (TokenPair pair : alignment.endPairs()) {
                plain.add(b, t, s, pair);
            }
            tokens += s.spans().size();
        }
        measure(teacherBatch, studentBatch, plain, first);
    }

    private void measure(TokenBatch teacherBatch, TokenBatch studentBatch, PairedRows plain, PairedRows first) {
        try (Scope scope = engine.scope().child()) {
            Tensor teacherHidden_BTD = teacher.hidden(scope, teacherBatch);
            Tensor studentHidden_BTD = student.hidden(scope, studentBatch);
            sum += divergence(scope, teacherHidden_BTD, studentHidden_BTD, plain, anywhere);
            sum += divergence(scope, teacherHidden_BTD, studentHidden_BTD, first, atStart);
            pairs += plain.count() + first.count();
        }
    }

    private double divergence(
            Scope scope, Tensor teacherHidden_BTD, Tensor studentHidden_BTD, PairedRows rows, SharedVocabulary shared) {
        if (rows.count() == 0) {
            return 0;
        }
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
