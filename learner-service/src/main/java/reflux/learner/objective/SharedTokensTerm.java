// SPDX-License-Identifier: Apache-2.0
package reflux.learner.objective;

import java.util.List;
import reflux.learner.loss.Chunk;
import reflux.learner.loss.Compared;
import reflux.learner.loss.Comparison;
import reflux.learner.loss.PairBlock;
import reflux.learner.loss.RowPairs;
import reflux.learner.loss.Support;
import reflux.model.engine.Scope;
import reflux.model.engine.Script;
import reflux.model.engine.Tensor;

/** A divergence of exact pairs over the tokens that both vocabularies have, as if there were no others; per student's token. */
final class SharedTokensTerm implements MeanTerm {
    private static final int CHUNK_ROWS = 512;

    private final LossSite site;
    private final SharedColumns columns;
    private final Comparison comparison;
    private final Script script;
    private final Scope scope;

    SharedTokensTerm(LossSite site, SimpleCtkd settings) {
        this.site = site;
        this.columns = new SharedColumns(site);
        this.comparison =
                Comparison.load(site.engine(), settings.divergence(), new Support.Full(), settings.temperature());
        this.script = Script.load(site.engine(), SharedTokensTerm.class, "columns.py");
        this.scope = site.engine().scope().child();
    }

    @Override
    public String name() {
        return "shared_kd";
    }

    @Override
    public Part prepare(LossBatch batch) {
        long tokens = batch.responses().stream()
                .filter(response -> response.score().isPresent())
                .mapToLong(response -> response.tokens().size())
                .sum();
        return new Pairs(batch.pairs(), tokens);
    }

    private final class Pairs implements Part {
        private final RowPairs pairs;
        private final long tokens;

        Pairs(RowPairs pairs, long tokens) {
            this.pairs = pairs;
            this.tokens = tokens;
        }

        @Override
        public long count() {
            return tokens;
        }

        @Override
        public double evaluate(StudentPass student, LossBatch batch, double share) {
            double sum = 0;
            for (PairBlock block : pairs.blocks()) {
                SharedColumns.Columns shared = columns.of(block.firstTokens());
                for (Chunk chunk : Chunk.of(block.size(), CHUNK_ROWS)) {
                    int[] rows = chunk.cut(block.studentRows().toArray());
                    int[] teacherRows = chunk.cut(block.teacherRows().toArray());
                    sum += compare(student, batch, rows, teacherRows, shared, share);
                }
            }
            return sum;
        }
    }

    private double compare(
            StudentPass student,
            LossBatch batch,
            int[] rows,
            int[] teacherRows,
            SharedColumns.Columns shared,
            double share) {
        try (Scope each = scope.child()) {
            Tensor own_CV = student.logits(each, rows);
            Tensor own_CK = script.call(each, "columns", own_CV, shared.student_K());
            Tensor teacher_CK =
                    script.call(each, "columns", batch.teacherLogits(site, each, teacherRows), shared.teacher_K());
            Compared compared = comparison.compare(each, own_CK, teacher_CK);
            List<Tensor> found = script.callAll(
                    each,
                    "spread",
                    compared.values_C(),
                    compared.gradient_CV(),
                    shared.student_K(),
                    own_CV.size(1),
                    share);
            student.push(rows, found.get(1));
            return found.get(0).item();
        }
    }

    @Override
    public void close() {
        columns.close();
        comparison.close();
        scope.close();
        script.close();
    }
}
