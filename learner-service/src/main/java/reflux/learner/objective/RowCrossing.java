// SPDX-License-Identifier: Apache-2.0
package reflux.learner.objective;

import java.util.List;
import java.util.Random;
import reflux.model.decoder.Parameter;
import reflux.model.engine.DataType;
import reflux.model.engine.Scope;
import reflux.model.engine.Script;
import reflux.model.engine.Tensor;

/** Where both sides have the same tokens, n = m: row for row by two affine maps. DSKD (arXiv 2406.17328), same vocabulary. */
final class RowCrossing implements Crossing {
    private final Script script;
    private final Scope scope;
    private final Affine t2s_Dd;
    private final Affine s2t_dD;

    RowCrossing(LossSite site, Random random) {
        this.script = Script.load(site.engine(), RowCrossing.class, "affine.py");
        this.scope = site.engine().scope().child();
        Tensor student = site.heads().student_Vd();
        long d = student.size(1);
        long width = site.heads().teacher_WD().size(1);
        DataType type = student.type();
        this.t2s_Dd = Affine.uniform(site.engine(), scope, "dskd.t2s", width, d, type, random);
        this.s2t_dD = Affine.uniform(site.engine(), scope, "dskd.s2t", d, width, type, random);
    }

    @Override
    public List<Parameter> parameters() {
        return List.of(t2s_Dd.weight(), t2s_Dd.bias(), s2t_dD.weight(), s2t_dD.bias());
    }

    @Override
    public boolean comparesOnlyCorrect() {
        return false;
    }

    @Override
    public Crossed cross(Scope scope, Response response, Tensor student_nd, Tensor teacher_mD) {
        if (student_nd.size(0) != teacher_mD.size(0)) {
            throw new IllegalStateException("response " + response.id() + " has " + student_nd.size(0)
                    + " tokens at the student and " + teacher_mD.size(0)
                    + " at the teacher: their vocabularies differ; use learner.objective dskd-cma");
        }
        Tensor toStudent = apply(scope, teacher_mD, t2s_Dd);
        Tensor toTeacher = apply(scope, student_nd, s2t_dD);
        return new Rows(student_nd, teacher_mD, toStudent, toTeacher);
    }

    private Tensor apply(Scope out, Tensor rows, Affine map) {
        return script.call(out, "affine", rows, map.weight().value(), map.bias().value());
    }

    private void back(Tensor rows, Tensor gradient, Affine map) {
        script.run(
                "affine_back",
                rows,
                gradient,
                map.weight().gradient(),
                map.bias().gradient());
    }

    @Override
    public void close() {
        scope.close();
        script.close();
    }

    /** A response and both images of it. */
    private final class Rows implements Crossed {
        private final Tensor student_nd;
        private final Tensor teacher_nD;
        private final Tensor toStudent_nd;
        private final Tensor toTeacher_nD;

        Rows(Tensor student_nd, Tensor teacher_nD, Tensor toStudent_nd, Tensor toTeacher_nD) {
            this.student_nd = student_nd;
            this.teacher_nD = teacher_nD;
            this.toStudent_nd = toStudent_nd;
            this.toTeacher_nD = toTeacher_nD;
        }

        @Override
        public Tensor toStudent_nd() {
            return toStudent_nd;
        }

        @Override
        public Tensor toTeacher_mD() {
            return toTeacher_nD;
        }

        @Override
        public Tensor back(Scope out, Tensor toStudentGradient_nd, Tensor toTeacherGradient_mD) {
            RowCrossing.this.back(teacher_nD, toStudentGradient_nd, t2s_Dd);
            RowCrossing.this.back(student_nd, toTeacherGradient_mD, s2t_dD);
            return script.call(
                    out,
                    "times_transposed",
                    toTeacherGradient_mD,
                    s2t_dD.weight().value());
        }
    }
}
