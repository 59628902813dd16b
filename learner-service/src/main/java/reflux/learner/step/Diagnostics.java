// SPDX-License-Identifier: Apache-2.0
package reflux.learner.step;

import java.util.List;
import java.util.Map;
import reflux.learner.loss.Chunk;
import reflux.learner.loss.RowPairs;
import reflux.learner.loss.Term;
import reflux.learner.objective.LossBatch;
import reflux.learner.objective.LossSite;
import reflux.learner.objective.StudentPass;
import reflux.learner.objective.Terms;
import reflux.model.engine.Scope;
import reflux.model.engine.Script;
import reflux.model.engine.Tensor;

/**
 * What is told of every step whatever it trains: the KL of teacher and student per aligned token, both ways, over the tokens that
 * both know and one bucket for all others, at temperature 1. No gradients. Use on one engine thread.
 */
final class Diagnostics implements AutoCloseable {
    static final String FORWARD = "kl_forward_per_token";
    static final String REVERSE = "kl_reverse_per_token";
    private static final int CHUNK_ROWS = 1024;

    private final LossSite site;
    private final Script script;
    private final Scope scope;
    private final Tensor sharedStudent_K;
    private final Tensor sharedTeacher_K;

    Diagnostics(LossSite site) {
        this.site = site;
        this.script = Script.load(site.engine(), Diagnostics.class, "diagnostics.py");
        this.scope = site.engine().scope().child();
        int[] student = site.map().overlapStudent().toArray();
        int[] teacher = site.map().overlapTeacher().toArray();
        this.sharedStudent_K = scope.ints(student, student.length);
        this.sharedTeacher_K = scope.ints(teacher, teacher.length);
    }

    /** The numbers of a micro-batch; none without hidden states. */
    Terms measure(StudentPass student, LossBatch batch) {
        if (batch.teacherRows_MD().isEmpty()) {
            return Terms.NONE;
        }
        RowPairs pairs = batch.pairs();
        int[] studentRows = pairs.studentRows();
        int[] teacherRows = pairs.teacherRows();
        double forward = 0;
        double reverse = 0;
        for (Chunk chunk : Chunk.of(pairs.size(), CHUNK_ROWS)) {
            try (Scope each = scope.child()) {
                List<Tensor> found = script.callAll(
                        each,
                        "shared_kl",
                        student.logits(each, chunk.cut(studentRows)),
                        batch.teacherLogits(site, each, chunk.cut(teacherRows)),
                        sharedStudent_K,
                        sharedTeacher_K);
                forward += found.get(0).item();
                reverse += found.get(1).item();
            }
        }
        return new Terms(Map.of(FORWARD, new Term(forward, pairs.size()), REVERSE, new Term(reverse, pairs.size())), 0);
    }

    @Override
    public void close() {
        scope.close();
        script.close();
    }
}
