// SPDX-License-Identifier: Apache-2.0
package reflux.learner.objective;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import reflux.learner.align.EditAlignment;
import reflux.learner.align.FirstTokens;
import reflux.learner.loss.Chunk;
import reflux.learner.loss.Compared;
import reflux.learner.loss.Comparison;
import reflux.learner.loss.ForwardKl;
import reflux.learner.loss.Support;
import reflux.model.engine.Scope;
import reflux.model.engine.Script;
import reflux.model.engine.Tensor;

/** Forward KL from logits that were moved from the teacher's tokens to the student's. */
final class MinedTerm implements MeanTerm {
    private static final int CHUNK_ROWS = 512;

    private final LossSite site;
    private final EditAlignment alignment;
    private final SharedColumns columns;
    private final Comparison comparison;
    private final Script script;
    private final Scope scope;

    MinedTerm(LossSite site, double temperature) {
        this.site = site;
        this.alignment = new EditAlignment(site.teacher(), site.student(), site.map());
        this.columns = new SharedColumns(site);
        this.comparison = Comparison.load(site.engine(), new ForwardKl(), new Support.Full(), temperature);
        this.script = Script.load(site.engine(), MinedTerm.class, "columns.py");
        this.scope = site.engine().scope().child();
    }

    /** A student's row with the teacher's row that it pairs with or, without one, the token that it learns. */
    private record Row(int student, int teacher, int token, FirstTokens reading) {
        boolean isPaired() {
            return teacher >= 0;
        }
    }

    @Override
    public String name() {
        return "mined_kd";
    }

    @Override
    public Part prepare(LossBatch batch) {
        List<Row> rows = new ArrayList<>();
        for (Response response : batch.responses()) {
            response.score().ifPresent(score -> add(rows, response, score));
        }
        return new Rows(rows);
    }

    private void add(List<Row> rows, Response response, Response.Scored score) {
        int[] partners = alignment.teacherRows(
                score.tokens().toArray(), response.tokens().toArray());
        for (int i = 0; i < partners.length; i++) {
            int student = response.studentRow() + i;
            if (partners[i] >= 0) {
                FirstTokens reading =
                        i == 0 && !score.isSameTokens() ? score.alignment().firstTokens() : FirstTokens.PLAIN;
                rows.add(new Row(student, score.teacherRow() + partners[i], -1, reading));
            } else if (response.isGold()) {
                rows.add(new Row(student, -1, response.tokens().get(i), FirstTokens.PLAIN));
            }
        }
    }

    private final class Rows implements Part {
        private final List<Row> rows;

        Rows(List<Row> rows) {
            this.rows = rows;
        }

        @Override
        public long count() {
            return rows.size();
        }

        @Override
        public double evaluate(StudentPass student, LossBatch batch, double share) {
            Map<Object, List<Row>> kinds = rows.stream()
                    .collect(Collectors.groupingBy(
                            row -> row.isPaired() ? row.reading() : "alone", LinkedHashMap::new, Collectors.toList()));
            double sum = 0;
            for (List<Row> kind : kinds.values()) {
                for (Chunk chunk : Chunk.of(kind.size(), CHUNK_ROWS)) {
                    sum += compare(student, batch, kind.subList(chunk.start(), chunk.start() + chunk.size()), share);
                }
            }
            return sum;
        }
    }

    private double compare(StudentPass student, LossBatch batch, List<Row> rows, double share) {
        int[] own = rows.stream().mapToInt(Row::student).toArray();
        try (Scope each = scope.child()) {
            Tensor logits_CV = student.logits(each, own);
            Tensor target_CV =
                    rows.get(0).isPaired() ? mapped(each, batch, rows, logits_CV) : alone(each, rows, logits_CV);
            Compared compared = comparison.compare(each, logits_CV, target_CV);
            List<Tensor> found = script.callAll(each, "whole", compared.values_C(), compared.gradient_CV(), share);
            student.push(own, found.get(1));
            return found.get(0).item();
        }
    }

    private Tensor mapped(Scope out, LossBatch batch, List<Row> rows, Tensor logits_CV) {
        int[] teacherRows = rows.stream().mapToInt(Row::teacher).toArray();
        SharedColumns.Columns shared = columns.of(rows.get(0).reading());
        return script.call(
                out,
                "mapped",
                batch.teacherLogits(site, out, teacherRows),
                shared.student_K(),
                shared.teacher_K(),
                logits_CV.size(1));
    }

    private Tensor alone(Scope out, List<Row> rows, Tensor logits_CV) {
        int[] tokens = rows.stream().mapToInt(Row::token).toArray();
        return script.call(out, "gold", logits_CV, out.ints(tokens, tokens.length));
    }

    @Override
    public void close() {
        columns.close();
        comparison.close();
        scope.close();
        script.close();
    }
}
