// SPDX-License-Identifier: Apache-2.0
package reflux.learner.objective;

import java.util.List;
import reflux.model.engine.Scope;
import reflux.model.engine.Script;
import reflux.model.engine.Tensor;

/**
 * Chain-rule likelihood of groups that are no exact pair: with ln P and ln Q the sums of the realised tokens' log-probabilities
 * of teacher and student, the KL of (P, 1 − P) and (Q, 1 − Q), per group. Temperature 1: P and Q are probabilities of the same
 * bytes. After ALM (arXiv 2503.20083).
 */
final class GroupLikelihoodTerm implements MeanTerm {
    private static final int CHUNK_ROWS = 512;

    private final LossSite site;
    private final Script script;
    private final Scope scope;

    GroupLikelihoodTerm(LossSite site) {
        this.site = site;
        this.script = Script.load(site.engine(), GroupLikelihoodTerm.class, "group_likelihood.py");
        this.scope = site.engine().scope().child();
    }

    @Override
    public String name() {
        return "group_likelihood";
    }

    @Override
    public Part prepare(LossBatch batch) {
        return new Groups(RealisedGroup.unpaired(batch));
    }

    private final class Groups implements Part {
        private final List<RealisedGroup> groups;

        Groups(List<RealisedGroup> groups) {
            this.groups = groups;
        }

        @Override
        public long count() {
            return groups.size();
        }

        @Override
        public double evaluate(StudentPass student, LossBatch batch, double share) {
            double sum = 0;
            for (List<RealisedGroup> run : RealisedGroup.runs(groups, CHUNK_ROWS)) {
                GroupSide own = GroupSide.student(run);
                GroupSide teacher = GroupSide.teacher(run);
                int[] rows = own.rows().toArray();
                try (Scope each = scope.child()) {
                    Tensor teacherLogits =
                            batch.teacherLogits(site, each, teacher.rows().toArray());
                    List<Tensor> found = script.callAll(
                            each,
                            "likelihood",
                            own.tensors(each, student.logits(each, rows)),
                            teacher.tensors(each, teacherLogits),
                            run.size(),
                            share);
                    sum += found.get(0).item();
                    student.push(rows, found.get(1));
                }
            }
            return sum;
        }
    }

    @Override
    public void close() {
        scope.close();
        script.close();
    }
}
