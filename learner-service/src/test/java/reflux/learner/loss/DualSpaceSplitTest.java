// SPDX-License-Identifier: Apache-2.0
package reflux.learner.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import reflux.model.engine.DataType;
import reflux.model.engine.Engine;
import reflux.model.engine.EngineSettings;
import reflux.model.engine.EngineThread;
import reflux.model.engine.Tensor;
import reflux.model.text.TokenIds;

/** How a step is cut into chunks and micro-batches must not matter, nor must rows that nothing is said about. */
class DualSpaceSplitTest {
    private static EngineThread thread;

    @BeforeAll
    static void start() {
        thread = EngineThread.start(EngineSettings.cpu("dual-space-split", 1));
    }

    @AfterAll
    static void stop() {
        thread.close();
    }

    @Test
    void smallChunks_giveTheResultOfTheWhole() {
        thread.call(engine -> {
            same(step(engine, Spaces.BOTH, 4), step(engine, Spaces.BOTH, 1024));
            same(step(engine, Spaces.BOTH, 1), step(engine, Spaces.BOTH, 1024));
            return 0;
        });
    }

    @Test
    void splitBatch_givesTheResultOfTheWhole() {
        thread.call(engine -> {
            same(step(engine, Spaces.BOTH, 1024, 2, 9, 21), step(engine, Spaces.BOTH, 1024));
            return 0;
        });
    }

    @Test
    void oneSpace_hasItsOwnTermsOnlyAndBothAddUp() {
        thread.call(engine -> {
            DualSpaceFixture.Step both = step(engine, Spaces.BOTH, 1024);
            DualSpaceFixture.Step student = step(engine, Spaces.STUDENT, 1024);
            DualSpaceFixture.Step teacher = step(engine, Spaces.TEACHER, 1024);

            assertThat(student.terms().s2tKd()).isEqualTo(Term.NONE);
            assertThat(teacher.terms().t2sKd()).isEqualTo(Term.NONE);
            assertThat(teacher.terms().t2sCe()).isEqualTo(Term.NONE);
            assertThat(teacher.t2sGradient()).containsOnly(0);
            assertThat(student.terms().distillation() + teacher.terms().distillation())
                    .isCloseTo(both.terms().distillation(), within(1e-6));
            double[] sum = new double[both.rowGradient().length];
            Arrays.setAll(sum, i -> student.rowGradient()[i] + teacher.rowGradient()[i]);
            assertThat(sum).containsExactly(both.rowGradient(), within(1e-6));
            return 0;
        });
    }

    @Test
    void rowWithoutPartner_hasNoGradient() {
        thread.call(engine -> {
            DualSpaceFixture.Step step = step(engine, Spaces.BOTH, 1024);

            assertThat(Arrays.copyOfRange(step.rowGradient(), 3 * 3, 4 * 3)).containsOnly(0);
            assertThat(step.terms().ce()).isEqualTo(Term.NONE);
            return 0;
        });
    }

    @Test
    void evaluation_leavesNoTensorsBehind() {
        thread.call(engine -> {
            try (DualSpaceFixture fixture = new DualSpaceFixture(engine, DataType.F32);
                    DualSpaceLoss loss = load(engine, Spaces.BOTH, 4)) {
                fixture.step(loss);
                long before = engine.openTensors();
                RowPairs pairs = RowPairs.identity(5);
                TokenIds gold = TokenIds.of(0, 1, 2, 3, 4);
                Tensor rows = fixture.heads.student_Vd();
                Tensor teacherRows = fixture.heads.teacher_WD();

                Targets targets = loss.target(
                        fixture.heads, fixture.projector, teacherRows, pairs, TokenIds.of(0, 1, 2, 3, 4, 5, 6));
                loss.evaluate(
                                fixture.scope,
                                fixture.heads,
                                fixture.projector,
                                rows,
                                teacherRows,
                                targets,
                                targets.counts())
                        .studentGradient_Nd()
                        .close();

                assertThat(engine.openTensors()).isEqualTo(before);
                assertThatThrownBy(() -> loss.evaluate(
                                fixture.scope,
                                fixture.heads,
                                fixture.projector,
                                rows,
                                teacherRows,
                                loss.target(fixture.heads, fixture.projector, teacherRows, pairs, gold),
                                targets.counts()))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("5 student rows");
            }
            return 0;
        });
    }

    @Test
    void infiniteHiddenState_failsAtOnce() {
        thread.call(engine -> {
            try (DualSpaceFixture fixture = new DualSpaceFixture(engine, DataType.F32);
                    DualSpaceLoss loss = load(engine, Spaces.BOTH, 4)) {
                Arrays.stream(fixture.studentRows).forEach(row -> row[1] = Double.POSITIVE_INFINITY);

                assertThatThrownBy(() -> fixture.step(loss))
                        .isInstanceOf(ArithmeticException.class)
                        .hasMessageContaining("not finite");
            }
            return 0;
        });
    }

    private static DualSpaceLoss load(Engine engine, Spaces spaces, int chunkRows) {
        LossSettings settings = new LossSettings(1, 1.5, new ForwardKl(), spaces, 1, chunkRows);
        return DualSpaceLoss.load(engine, settings, DualSpaceFixture.MAP);
    }

    private static DualSpaceFixture.Step step(Engine engine, Spaces spaces, int chunkRows, int... cuts) {
        try (DualSpaceFixture fixture = new DualSpaceFixture(engine, DataType.F32);
                DualSpaceLoss loss = load(engine, spaces, chunkRows)) {
            return fixture.step(loss, cuts);
        }
    }

    private static void same(DualSpaceFixture.Step actual, DualSpaceFixture.Step expected) {
        assertThat(actual.terms().counts()).isEqualTo(expected.terms().counts());
        assertThat(actual.terms().loss(1)).isCloseTo(expected.terms().loss(1), within(1e-6));
        assertThat(actual.rowGradient()).containsExactly(expected.rowGradient(), within(1e-6));
        assertThat(actual.headGradient()).containsExactly(expected.headGradient(), within(1e-6));
        assertThat(actual.t2sGradient()).containsExactly(expected.t2sGradient(), within(1e-6));
    }
}
