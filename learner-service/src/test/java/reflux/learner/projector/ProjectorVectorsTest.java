// SPDX-License-Identifier: Apache-2.0
package reflux.learner.projector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reflux.learner.align.VocabularyMap;
import reflux.learner.vectors.KdVector;
import reflux.learner.vectors.SharedTokens;
import reflux.model.engine.DataType;
import reflux.model.engine.EngineSettings;
import reflux.model.engine.EngineThread;
import reflux.model.engine.Scope;

class ProjectorVectorsTest {
    private static final double SMALLEST_RTOL = 1e-12;

    private static EngineThread thread;

    @BeforeAll
    static void start() {
        thread = EngineThread.start(EngineSettings.cpu("projector-vectors", 1));
    }

    @AfterAll
    static void stop() {
        thread.close();
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F64"})
    void bothHeads_giveBothMaps(DataType type) {
        KdVector vector = KdVector.of("dskd2_projector_init");

        check(vector, type, VocabularyMap.identity(6), 0, projector -> {
            near(projector.teacherToStudent().value().doubles(), vector.out("W_t2s"), type);
            near(projector.studentToTeacher().doubles(), vector.out("W_s2t"), type);
            assertThat(projector.report().studentDropped()).isZero();
            double norm = norm(KdVector.numbers(vector.in("head_teacher")));
            assertThat(projector.report().relativeResidual() * norm)
                    .isCloseTo(vector.out("residual_fro_t2s").asDouble(), within(1e-6));
        });
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F64"})
    void expressibleTeacher_isProjectedExactly(DataType type) {
        KdVector vector = KdVector.of("dskd2_projector_exact");

        check(vector, type, VocabularyMap.identity(6), 0, projector -> {
            near(projector.teacherToStudent().value().doubles(), vector.in("M"), type);
            assertThat(projector.report().relativeResidual()).isLessThan(1e-6);
        });
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F64"})
    void rankDeficientHead_givesTheMinimumNormMap(DataType type) {
        KdVector vector = KdVector.of("dskd2_projector_rank_deficient");

        check(vector, type, VocabularyMap.identity(6), 0, projector -> {
            near(projector.teacherToStudent().value().doubles(), vector.out("W_t2s"), type);
            assertThat(projector.report().studentDropped()).isEqualTo(1);
        });
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F64"})
    void tolerance_dropsWeakDirections(DataType type) {
        KdVector vector = KdVector.of("dskd2_projector_rtol");

        check(vector, type, VocabularyMap.identity(6), vector.in("rtol").asDouble(), projector -> {
            near(projector.teacherToStudent().value().doubles(), vector.out("W_t2s_cut"), type);
            assertThat(projector.report().studentDropped())
                    .isEqualTo(3 - vector.out("kept").asInt());
        });
        check(
                vector,
                type,
                VocabularyMap.identity(6),
                SMALLEST_RTOL,
                projector -> near(projector.teacherToStudent().value().doubles(), vector.out("W_t2s_full"), type));
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F64"})
    void differentVocabularies_useTheSharedTokensOnly(DataType type) {
        KdVector vector = KdVector.of("dskd2_projector_overlap");
        VocabularyMap map = SharedTokens.map(
                6, KdVector.ints(vector.in("teacher_ids")), 6, KdVector.ints(vector.in("student_ids")));

        check(vector, type, map, 0, projector -> {
            near(projector.teacherToStudent().value().doubles(), vector.out("W_t2s"), type);
            near(projector.studentToTeacher().doubles(), vector.out("W_s2t"), type);
            assertThat(projector.report().columns()).isEqualTo(4);
        });
    }

    private void check(
            KdVector vector, DataType type, VocabularyMap map, double rtol, Consumer<Projector> expectations) {
        thread.call(engine -> {
            try (Scope scope = engine.scope().child();
                    Projector projector = Projector.initialise(
                            engine,
                            KdVector.rows(scope, type, vector.in("head_student")),
                            KdVector.rows(scope, type, vector.in("head_teacher")),
                            map,
                            new ProjectorSettings(rtol, -1, 1))) {
                expectations.accept(projector);
            }
            return 0;
        });
    }

    /** The bounds of the vectors' own notes for maps made with a pseudo-inverse: 1e-4 in f32. */
    private static void near(double[] actual, JsonNode expected, DataType type) {
        double tolerance = type == DataType.F64 ? 1e-8 : 1e-4;
        double[] numbers = KdVector.numbers(expected);
        double scale = Arrays.stream(numbers).map(Math::abs).max().orElse(1);
        assertThat(actual).containsExactly(numbers, within(tolerance * scale));
    }

    private static double norm(double[] values) {
        return Math.sqrt(Arrays.stream(values).map(x -> x * x).sum());
    }
}
