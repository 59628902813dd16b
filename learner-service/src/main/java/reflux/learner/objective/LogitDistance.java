// SPDX-License-Identifier: Apache-2.0
package reflux.learner.objective;

import reflux.learner.loss.Compared;
import reflux.learner.loss.Comparison;
import reflux.model.engine.Scope;
import reflux.model.engine.Tensor;

/** A divergence from the teacher's logits, which are made from its hidden states. Closes the comparison. */
record LogitDistance(LossSite site, Comparison comparison) implements RowDistance {

    @Override
    public String term() {
        return "kd";
    }

    @Override
    public Compared compare(Scope out, LossBatch batch, Tensor student_CV, int[] teacherRows, double weight) {
        return comparison.compare(out, student_CV, batch.teacherLogits(site, out, teacherRows), weight);
    }

    @Override
    public void close() {
        comparison.close();
    }
}
