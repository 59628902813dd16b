// SPDX-License-Identifier: Apache-2.0
package reflux.learner.objective;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import reflux.learner.loss.Chunk;
import reflux.learner.loss.Heads;
import reflux.learner.loss.Term;
import reflux.model.decoder.Parameter;
import reflux.model.engine.Scope;
import reflux.model.engine.Script;
import reflux.model.engine.Tensor;
import reflux.model.safetensors.TensorInfo;
import reflux.model.safetensors.TensorSource;

/**
 * The loss of {@link Dskd}, response by response. With z̃ the crossed teacher's logits, ẑ the crossed student's and y the student's
 * tokens: t2s_ce = CE(z̃, y) trains the crossing alone, t2s_kd = dist(z_S, z̃) the student alone, s2t_kd = FKL(ẑ, z_T) the student's
 * states and the crossing. t2s_ce and t2s_kd are means over the student's tokens, s2t_kd over the teacher's; rows that t2s_kd
 * leaves out are counted, as published.
 */
final class DskdLoss implements ObjectiveLoss {
    private static final int CHUNK_ROWS = 1024;
    private static final String STUDENT_TOKENS = "student_tokens";
    private static final String TEACHER_TOKENS = "teacher_tokens";

    private final Dskd settings;
    private final LossSite site;
    private final Crossing crossing;
    private final GoldCrossEntropy gold;
    private final Script script;
    private final Scope scope;
    private final OwnParameters checkpointed;

    DskdLoss(Dskd settings, LossSite site, Crossing crossing) {
        this.settings = settings;
        this.site = site;
        this.crossing = crossing;
        this.gold = new GoldCrossEntropy(site.engine(), settings.labelSmoothing());
        this.script = Script.load(
                site.engine(),
                DskdLoss.class,
                "/reflux/learner/loss/distribution.py",
                "/reflux/learner/loss/" + settings.divergence().resource(),
                "/reflux/learner/loss/divergence.py",
                "dskd.py");
        this.scope = site.engine().scope().child();
        this.checkpointed = new OwnParameters(site.engine(), crossing.parameters());
    }

    @Override
    public List<Parameter> parameters() {
        return crossing.parameters();
    }

    @Override
    public Prepared prepare(LossBatch batch) {
        Tally tally = gold.tally(batch);
        for (Response response : scored(batch)) {
            tally = tally.and(STUDENT_TOKENS, response.tokens().size())
                    .and(TEACHER_TOKENS, response.score().orElseThrow().tokens().size());
        }
        return new Counted(tally);
    }

    private Terms evaluate(StudentPass student, LossBatch batch, Tally step) {
        Terms terms = gold.evaluate(student, batch, step, 1 - settings.kdRatio());
        for (Response response : scored(batch)) {
            terms = terms.plus(distil(student, batch, response, response.score().orElseThrow(), step));
        }
        return terms;
    }

    private static List<Response> scored(LossBatch batch) {
        return batch.responses().stream()
                .filter(response -> response.score()
                        .filter(score -> score.tokens().size() > 0)
                        .isPresent())
                .toList();
    }

    private Terms distil(StudentPass student, LossBatch batch, Response response, Response.Scored score, Tally step) {
        int[] studentRows = range(response.studentRow(), response.tokens().size());
        int[] teacherRows = range(score.teacherRow(), score.tokens().size());
        Heads heads = site.heads();
        try (Scope each = scope.child()) {
            Tensor student_nd = site.maths().rows(each, student.rows_Nd(), studentRows, heads.student_Vd());
            Tensor teacher_mD = site.maths().rows(each, batch.hidden_MD(), teacherRows, heads.teacher_WD());
            Crossing.Crossed crossed = crossing.cross(each, response, student_nd, teacher_mD);
            Tensor toStudent = each.zeros(student_nd.type(), student_nd.shape());
            Tensor toTeacher = each.zeros(teacher_mD.type(), teacher_mD.shape());
            Terms terms = inStudentSpace(student, studentRows, response.tokens().toArray(), crossed, toStudent, step)
                    .plus(inTeacherSpace(batch, teacherRows, crossed, toTeacher, step));
            student.pushRows(studentRows, crossed.back(each, toStudent, toTeacher));
            return terms;
        }
    }

    /** t2s_ce and t2s_kd; fills the gradient [n, d] of the crossed teacher. */
    private Terms inStudentSpace(
            StudentPass student, int[] rows, int[] ids, Crossing.Crossed crossed, Tensor gradient_nd, Tally step) {
        double share = step.share(settings.kdRatio(), STUDENT_TOKENS);
        double[] sums = new double[3];
        for (Chunk chunk : Chunk.of(rows.length, CHUNK_ROWS)) {
            try (Scope each = scope.child()) {
                int[] own = chunk.cut(range(0, rows.length));
                List<Tensor> found = script.callAll(
                        each,
                        "student_space",
                        student.logits(each, chunk.cut(rows)),
                        site.maths()
                                .rows(
                                        each,
                                        crossed.toStudent_nd(),
                                        own,
                                        site.heads().student_Vd()),
                        each.ints(chunk.cut(ids), chunk.size()),
                        site.heads().student_Vd(),
                        crossing.comparesOnlyCorrect(),
                        settings.temperature(),
                        settings.divergence().parameter(),
                        share);
                double[] chunkSums = found.get(0).doubles();
                for (int i = 0; i < sums.length; i++) {
                    sums[i] += chunkSums[i];
                }
                site.maths().pushRows(own, found.get(1), gradient_nd);
                student.push(chunk.cut(rows), found.get(2));
            }
        }
        return new Terms(
                Map.of(
                        "t2s_ce", new Term(sums[0], rows.length),
                        "t2s_kd", new Term(sums[1], rows.length),
                        "t2s_accuracy", new Term(sums[2], rows.length)),
                (sums[0] + sums[1]) * share);
    }

    /** s2t_kd; fills the gradient [m, D] of the crossed student. */
    private Terms inTeacherSpace(
            LossBatch batch, int[] rows, Crossing.Crossed crossed, Tensor gradient_mD, Tally step) {
        double share = step.share(settings.kdRatio(), TEACHER_TOKENS);
        double sum = 0;
        for (Chunk chunk : Chunk.of(rows.length, CHUNK_ROWS)) {
            try (Scope each = scope.child()) {
                int[] own = chunk.cut(range(0, rows.length));
                List<Tensor> found = script.callAll(
                        each,
                        "teacher_space",
                        site.maths()
                                .rows(
                                        each,
                                        crossed.toTeacher_mD(),
                                        own,
                                        site.heads().teacher_WD()),
                        batch.teacherLogits(site, each, chunk.cut(rows)),
                        site.heads().teacher_WD(),
                        settings.temperature(),
                        share);
                sum += found.get(0).item();
                site.maths().pushRows(own, found.get(1), gradient_mD);
            }
        }
        return Terms.of("s2t_kd", new Term(sum, rows.length), sum * share);
    }

    private static int[] range(int start, int size) {
        return IntStream.range(start, start + size).toArray();
    }

    @Override
    public List<TensorInfo> infos() {
        return checkpointed.infos();
    }

    @Override
    public ByteBuffer bytes(String name) {
        return checkpointed.bytes(name);
    }

    @Override
    public void restore(TensorSource source) {
        checkpointed.restore(source);
    }

    @Override
    public void close() {
        scope.close();
        script.close();
        gold.close();
        crossing.close();
    }

    /** A micro-batch whose tokens are counted. */
    private final class Counted implements Prepared {
        private final Tally tally;

        Counted(Tally tally) {
            this.tally = tally;
        }

        @Override
        public Tally tally() {
            return tally;
        }

        @Override
        public Terms evaluate(StudentPass student, LossBatch batch, Tally step) {
            return DskdLoss.this.evaluate(student, batch, step);
        }
    }
}
