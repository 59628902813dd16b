// SPDX-License-Identifier: Apache-2.0
package reflux.learner.objective;

import java.util.List;
import reflux.model.decoder.Parameter;
import reflux.model.engine.Scope;
import reflux.model.engine.Tensor;

/**
 * How DSKD carries the states of one response over to the other model: n student rows of width d, m teacher rows of width D.
 * Use on one engine thread, outside of recording.
 */
interface Crossing extends AutoCloseable {

    /** What it trains. */
    List<Parameter> parameters();

    /** Whether t2s_kd counts only rows where the crossed teacher predicts the student's token. */
    boolean comparesOnlyCorrect();

    /**
     * Carries a response over.
     *
     * @param scope owns what is made; the result is valid while it is open
     */
    Crossed cross(Scope scope, Response response, Tensor student_nd, Tensor teacher_mD);

    @Override
    void close();

    /** A response that was carried over. */
    interface Crossed {

        /** The teacher's states in the student's space, for each of the student's rows. */
        Tensor toStudent_nd();

        /** The student's states in the teacher's space, for each of the teacher's rows. */
        Tensor toTeacher_mD();

        /** Leads gradients of both back: adds to those of the parameters, and returns the student's rows' [n, d]. */
        Tensor back(Scope out, Tensor toStudentGradient_nd, Tensor toTeacherGradient_mD);
    }
}
