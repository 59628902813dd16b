// SPDX-License-Identifier: Apache-2.0
package reflux.learner.objective;

import java.util.ArrayList;
import java.util.List;
import reflux.learner.align.PrefixProjection;
import reflux.learner.align.PrefixRow;
import reflux.model.engine.Scope;
import reflux.model.engine.Script;
import reflux.model.engine.Tensor;

/**
 * Byte-prefix marginalisation in groups that are no exact pair: forward KL of the student in each of its rows from what the
 * teacher says about the student's next token there ({@link PrefixRow}), per row, at the temperature of the run. What the
 * teacher says is scaled to mass 1; a row of which it says nothing counts 0.
 */
final class GroupPrefixTerm implements MeanTerm {
    private static final int CHUNK_ROWS = 256;

    private final LossSite site;
    private final PrefixProjection projection;
    private final double temperature;
    private final Script script;
    private final Scope scope;
    private final Tensor leftOut;

    GroupPrefixTerm(LossSite site, double temperature) {
        this.site = site;
        this.temperature = temperature;
        this.projection = new PrefixProjection(site.teacher(), site.student());
        this.script = Script.load(site.engine(), GroupPrefixTerm.class, "group_prefix.py");
        this.scope = site.engine().scope().child();
        int[] ids = projection.leftOut((int) site.heads().teacher_WD().size(0)).toArray();
        this.leftOut = scope.ints(ids, ids.length);
    }

    @Override
    public String name() {
        return "group_prefix";
    }

    @Override
    public Part prepare(LossBatch batch) {
        List<PrefixSteps.Row> rows = new ArrayList<>();
        for (Response response : batch.responses()) {
            response.score().filter(score -> !score.isSameTokens()).ifPresent(score -> PrefixRow.of(
                            score.alignment(),
                            site.teacher(),
                            score.tokens().toArray(),
                            site.student(),
                            response.tokens().toArray(),
                            projection)
                    .forEach(row -> rows.add(
                            new PrefixSteps.Row(response.studentRow() + row.studentToken(), score.teacherRow(), row))));
        }
        return new Rows(rows);
    }

    private final class Rows implements Part {
        private final List<PrefixSteps.Row> rows;

        Rows(List<PrefixSteps.Row> rows) {
            this.rows = rows;
        }

        @Override
        public long count() {
            return rows.size();
        }

        @Override
        public double evaluate(StudentPass student, LossBatch batch, double share) {
            double sum = 0;
            for (int start = 0; start < rows.size(); start += CHUNK_ROWS) {
                List<PrefixSteps.Row> chunk = rows.subList(start, Math.min(rows.size(), start + CHUNK_ROWS));
                int[] own = chunk.stream().mapToInt(PrefixSteps.Row::studentRow).toArray();
                try (Scope each = scope.child()) {
                    Tensor logits_CV = student.logits(each, own);
                    Tensor target_CV = target(each, batch, PrefixSteps.of(chunk), logits_CV);
                    List<Tensor> found = script.callAll(each, "prefix_kl", target_CV, logits_CV, temperature, share);
                    sum += found.get(0).item();
                    student.push(own, found.get(1));
                }
            }
            return sum;
        }
    }

    /** What the teacher says, not scaled yet. */
    private Tensor target(Scope out, LossBatch batch, PrefixSteps steps, Tensor like_CV) {
        Tensor target_CV = out.zeros(like_CV.type(), like_CV.shape());
        Tensor mass_C = out.zeros(like_CV.type(), like_CV.size(0));
        int[] rows = steps.teacherRows().toArray();
        Tensor logProbs_RW = script.call(out, "log_probs", batch.teacherLogits(site, out, rows), temperature);
        for (PrefixSteps.Call call : steps.calls()) {
            try (Scope each = scope.child()) {
                List<Tensor> lists = call.tensors(each);
                if (call.isFirst()) {
                    script.run(
                            "begin",
                            target_CV,
                            mass_C,
                            logProbs_RW,
                            lists.get(0),
                            lists.get(1),
                            lists.get(2),
                            lists.get(3),
                            lists.get(4));
                } else {
                    script.run(
                            "go_on",
                            target_CV,
                            mass_C,
                            logProbs_RW,
                            lists.get(0),
                            lists.get(1),
                            lists.get(2),
                            lists.get(3),
                            lists.get(4),
                            leftOut,
                            call.table().others());
                }
            }
        }
        return target_CV;
    }

    @Override
    public void close() {
        scope.close();
        script.close();
    }
}
