// SPDX-License-Identifier: Apache-2.0
package reflux.learner.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reflux.learner.loss.ForwardKl;
import reflux.learner.loss.ReverseKl;
import reflux.learner.vectors.KdVector;
import reflux.model.decoder.Parameter;
import reflux.model.engine.DataType;
import reflux.model.engine.EngineSettings;
import reflux.model.engine.EngineThread;
import reflux.model.engine.Scope;
import reflux.model.engine.Tensor;

/** DSKD, first version, against the reference numbers: f32 to 1e-5, f64 to 1e-9. */
class DskdVectorsTest {
    private static EngineThread thread;

    @BeforeAll
    static void start() {
        thread = EngineThread.start(EngineSettings.cpu("dskd-vectors", 1));
    }

    @AfterAll
    static void stop() {
        thread.close();
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F64"})
    void sameVocabulary_hasTheReferenceTermsAndLoss(DataType type) {
        KdVector vector = KdVector.of("dskd1_same_vocab");
        ReplyStep.Models models = new ReplyStep.Models(
                rows(vector.in("head_student")), rows(vector.in("head_teacher")), new double[1][1], new double[1][1]);
        double[][] student = rows(vector.in("student_hidden").get(0));
        double[][] teacher = rows(vector.in("teacher_hidden").get(0));
        int[] tokens = {4, 1};
        Reply reply = Reply.gold(0, tokens).with(Arrays.copyOf(student, 2)).scored(tokens, Arrays.copyOf(teacher, 2));
        Dskd settings = new Dskd(false, 0.5, 2, new ReverseKl(), 0);

        thread.call(engine -> {
            try (ReplyStep step = new ReplyStep(engine, type, models, true);
                    ObjectiveLoss loss = settings.open(step.site)) {
                set(step, loss, vector, "W_t2s", "b_t2s", "W_s2t", "b_s2t");
                Terms terms = step.run(loss, List.of(reply)).terms();

                near(terms, "ce", vector.out("ce_sum"), type);
                near(terms, "t2s_ce", vector.out("t2s_ce_sum"), type);
                near(terms, "t2s_kd", vector.out("t2s_kd_sum"), type);
                near(terms, "s2t_kd", vector.out("s2t_kd_sum"), type);
                near(terms.loss(), vector.out("loss"), type);
            }
            return 0;
        });
    }

    /**
     * Rows that the vector masks are not there; their part in its standard deviations is put in by hand. Deliberate difference:
     * a run takes them over valid rows, so that padding changes nothing.
     */
    @ParameterizedTest
    @EnumSource(names = {"F32", "F64"})
    void crossModelAttention_hasTheReferenceWeightsLogitsAndTerms(DataType type) {
        KdVector vector = KdVector.of("dskd1_cma");
        ReplyStep.Models models = new ReplyStep.Models(
                rows(vector.in("head_student")),
                rows(vector.in("head_teacher")),
                rows(vector.in("emb_student")),
                rows(vector.in("emb_teacher")));
        double[][] student = rows(vector.in("student_hidden"));
        double[][] teacher = rows(vector.in("teacher_hidden"));
        int[] labels = {2, 3, 0};
        Reply reply = Reply.gold(0, 3, 4)
                .with(Arrays.copyOfRange(student, 1, 3))
                .scored(labels, Arrays.copyOfRange(teacher, 1, 4));
        Dskd settings = new Dskd(true, 1, 2, new ForwardKl(), 0);

        thread.call(engine -> {
            try (ReplyStep step = new ReplyStep(engine, type, models, true)) {
                Published crossing = new Published(step, vector, type);
                try (ObjectiveLoss loss = new DskdLoss(settings, step.site, crossing)) {
                    set(step, loss, vector, "Wq", "bq", "W_t2s", "b_t2s", "W_s2t", "b_s2t");
                    Terms terms = step.run(loss, List.of(reply)).terms();

                    near(terms, "t2s_ce", vector.out("t2s_ce_sum"), type);
                    near(terms, "t2s_kd", vector.out("t2s_kd_sum"), type);
                    near(terms, "s2t_kd", vector.out("s2t_kd_sum"), type);
                    assertThat(terms.terms().get("t2s_accuracy").numerator()).isEqualTo(1);
                }
            }
            return 0;
        });
    }

    /** Attention with the vector's standard deviations, which count its masked rows. */
    private static final class Published implements Crossing {
        private final ReplyStep step;
        private final KdVector vector;
        private final DataType type;
        private final CrossAttention attention;

        Published(ReplyStep step, KdVector vector, DataType type) {
            this.step = step;
            this.vector = vector;
            this.type = type;
            this.attention = new CrossAttention(step.site, new Random(1));
        }

        @Override
        public List<Parameter> parameters() {
            return attention.parameters();
        }

        @Override
        public boolean comparesOnlyCorrect() {
            return attention.comparesOnlyCorrect();
        }

        @Override
        public Crossed cross(Scope scope, Response response, Tensor student_nd, Tensor teacher_mD) {
            LossSite.Embeddings tables = step.site.embeddings().orElseThrow();
            Tensor all = KdVector.rows(scope, type, vector.in("teacher_hidden"));
            int[] read = {0, 1, 2, 2};
            int[] predicted = {0, 2, 3, 0};
            Tensor padded = attention.embed(scope, tables.teacher_WD(), read, predicted, all);
            CrossAttention.Attended found = attention.cross(
                    scope,
                    student_nd,
                    teacher_mD,
                    attention.embed(scope, tables.student_Vd(), new int[] {1, 3}, new int[] {3, 4}, student_nd),
                    attention.embed(scope, tables.teacher_WD(), tail(read), tail(predicted), teacher_mD),
                    attention.deviations(scope, all, padded));
            near(found.studentWeights_nm().doubles(), block(vector.out("t2s_weight"), 1, 1), type);
            near(found.teacherWeights_mn().doubles(), block(vector.out("s2t_weight"), 1, 1), type);
            near(logits(scope, found.toStudent_nd(), "head_student"), block(vector.out("t2s_logits"), 1, 0), type);
            near(logits(scope, found.toTeacher_mD(), "head_teacher"), block(vector.out("s2t_logits"), 1, 0), type);
            return found;
        }

        private double[] logits(Scope scope, Tensor states, String head) {
            int[] all =
                    java.util.stream.IntStream.range(0, (int) states.size(0)).toArray();
            Tensor rows = KdVector.rows(scope, type, vector.in(head));
            return step.site.maths().logits(scope, states, all, rows).doubles();
        }

        @Override
        public void close() {
            attention.close();
        }
    }

    private static void set(ReplyStep step, ObjectiveLoss loss, KdVector vector, String... names) {
        for (int i = 0; i < names.length; i++) {
            Tensor value = loss.parameters().get(i).value();
            double[] numbers = KdVector.numbers(vector.in(names[i]));
            step.site.engine().copy(step.scope.doubles(numbers, value.shape()), value);
        }
    }

    private static double[][] rows(JsonNode matrix) {
        double[][] rows = new double[matrix.size()][];
        Arrays.setAll(rows, i -> KdVector.numbers(matrix.get(i)));
        return rows;
    }

    /** A matrix without its first rows and columns. */
    private static double[] block(JsonNode matrix, int firstRow, int firstColumn) {
        double[][] rows = rows(matrix);
        return Arrays.stream(rows, firstRow, rows.length)
                .flatMapToDouble(row -> Arrays.stream(row, firstColumn, row.length))
                .toArray();
    }

    private static int[] tail(int[] values) {
        return Arrays.copyOfRange(values, 1, values.length);
    }

    private static void near(Terms terms, String name, JsonNode expected, DataType type) {
        near(terms.terms().get(name).numerator(), expected, type);
    }

    private static void near(double actual, JsonNode expected, DataType type) {
        near(new double[] {actual}, new double[] {expected.asDouble()}, type);
    }

    /** Relative to the largest of the expected numbers. */
    private static void near(double[] actual, double[] expected, DataType type) {
        double scale = Arrays.stream(expected).map(Math::abs).max().orElse(1);
        assertThat(actual).containsExactly(expected, within((type == DataType.F64 ? 1e-9 : 1e-5) * scale));
    }
}
