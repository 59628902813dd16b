// SPDX-License-Identifier: Apache-2.0
package reflux.learner.objective;

import reflux.learner.loss.Compared;
import reflux.model.engine.Scope;
import reflux.model.engine.Tensor;

/** How far each of the student's rows is from the teacher's that predicts the same token. Use on one engine thread. */
interface RowDistance extends AutoCloseable {

    /** The term's name in metrics. */
    String term();

    /**
     * Compares C pairs of rows.
     *
     * @param teacherRows of each pair, in the batch's teacher rows
     * @param weight factor of the gradient
     */
    Compared compare(Scope out, LossBatch batch, Tensor student_CV, int[] teacherRows, double weight);

    @Override
    void close();
}
