// SPDX-License-Identifier: Apache-2.0
package reflux.learner.objective;

import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import reflux.model.decoder.Parameter;
import reflux.model.engine.DataType;
import reflux.model.engine.Scope;
import reflux.model.engine.Script;
import reflux.model.engine.Tensor;
import reflux.model.text.TokenIds;

/**
 * Where the tokens differ: each row attends to all rows of the other side by cross-model attention, DSKD (arXiv 2406.17328,
 * section 3.3). With x the tokens read, y those to be predicted and E the input embeddings,
 *
 * <pre>  a = P_q([E_S(x); E_S(y)]) Kᵀ / √2D,   K = [E_T(x); E_T(y)] / std
 *  to the student: softmax(a) P_t2s(h_T / std + E_T(y) / std),   to the teacher: softmax(aᵀ) P_s2t(h_S)</pre>
 *
 * <p>Deliberate differences: std is over the rows of the response alone, where the published code counts padding; and the
 * teacher's token before its first is not on the wire, so its embedding is zeros.
 */
final class CrossAttention implements Crossing {
    private static final int UNKNOWN = -1;

    private final Script script;
    private final Scope scope;
    private final LossSite.Embeddings embeddings;
    private final List<Parameter> parameters;

    CrossAttention(LossSite site, Random random) {
        this.script = Script.load(site.engine(), CrossAttention.class, "affine.py", "cross_attention.py");
        this.scope = site.engine().scope().child();
        this.embeddings =
                site.embeddings().orElseThrow(() -> new IllegalStateException("the objective asked for no embeddings"));
        Tensor head = site.heads().student_Vd();
        long d = head.size(1);
        long width = site.heads().teacher_WD().size(1);
        long queried = 2 * embeddings.student_Vd().size(1);
        DataType type = head.type();
        this.parameters = Stream.of(
                        Affine.uniform(site.engine(), scope, "dskd.query", queried, 2 * width, type, random),
                        Affine.uniform(site.engine(), scope, "dskd.t2s", width, d, type, random),
                        Affine.uniform(site.engine(), scope, "dskd.s2t", d, width, type, random))
                .flatMap(map -> Stream.of(map.weight(), map.bias()))
                .toList();
    }

    @Override
    public List<Parameter> parameters() {
        return parameters;
    }

    @Override
    public boolean comparesOnlyCorrect() {
        return true;
    }

    @Override
    public Crossed cross(Scope scope, Response response, Tensor student_nd, Tensor teacher_mD) {
        Tensor studentEmbeddings =
                embed(scope, embeddings.student_Vd(), response.lastPromptId(), response.tokens(), student_nd);
        TokenIds teacherTokens = response.score().orElseThrow().tokens();
        Tensor teacherEmbeddings = embed(scope, embeddings.teacher_WD(), UNKNOWN, teacherTokens, teacher_mD);
        Tensor deviations = deviations(scope, teacher_mD, teacherEmbeddings);
        return cross(scope, student_nd, teacher_mD, studentEmbeddings, teacherEmbeddings, deviations);
    }

    private Tensor embed(Scope out, Tensor table, int before, TokenIds tokens, Tensor like) {
        int[] predicted = tokens.toArray();
        int[] read = new int[predicted.length];
        System.arraycopy(predicted, 0, read, 1, predicted.length - 1);
        read[0] = before;
        return embed(out, table, read, predicted, like);
    }

    /** [n, 2w]: the embeddings of what each row has read last, and of what it predicts. */
    Tensor embed(Scope out, Tensor table, int[] read, int[] predicted, Tensor like) {
        return script.call(
                out, "embed", table, out.ints(read, read.length), out.ints(predicted, predicted.length), like);
    }

    /** The three numbers that the teacher's side is divided by. */
    Tensor deviations(Scope out, Tensor teacher_mD, Tensor teacherEmbeddings) {
        return script.call(out, "deviations", teacher_mD, teacherEmbeddings);
    }

    /** With embeddings and standard deviations as they are given. */
    Attended cross(
            Scope scope,
            Tensor student_nd,
            Tensor teacher_mD,
            Tensor studentEmbeddings,
            Tensor teacherEmbeddings,
            Tensor deviations) {
        List<Tensor> found = script.callAll(
                scope,
                "cross",
                student_nd,
                teacher_mD,
                studentEmbeddings,
                teacherEmbeddings,
                deviations,
                parameters.stream().map(Parameter::value).toList());
        return new Attended(student_nd, studentEmbeddings, found);
    }

    @Override
    public void close() {
        scope.close();
        script.close();
    }

    /** A response, what it attended to, and both images of it. */
    final class Attended implements Crossed {
        private final Tensor student_nd;
        private final Tensor studentEmbeddings;
        private final List<Tensor> found;

        Attended(Tensor student_nd, Tensor studentEmbeddings, List<Tensor> found) {
            this.student_nd = student_nd;
            this.studentEmbeddings = studentEmbeddings;
            this.found = found;
        }

        @Override
        public Tensor toStudent_nd() {
            return found.get(0);
        }

        @Override
        public Tensor toTeacher_mD() {
            return found.get(1);
        }

        /** [n, m]: what each of the student's rows attends to. */
        Tensor studentWeights_nm() {
            return found.get(2);
        }

        /** [m, n]: what each of the teacher's rows attends to. */
        Tensor teacherWeights_mn() {
            return found.get(3);
        }

        @Override
        public Tensor back(Scope out, Tensor toStudentGradient_nd, Tensor toTeacherGradient_mD) {
            return script.call(
                    out,
                    "cross_back",
                    student_nd,
                    studentEmbeddings,
                    found,
                    toStudentGradient_nd,
                    toTeacherGradient_mD,
                    parameters.stream().map(Parameter::value).toList(),
                    parameters.stream().map(Parameter::gradient).toList());
        }
    }
}
