// SPDX-License-Identifier: Apache-2.0
package reflux.learner.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import reflux.model.engine.DataType;
import reflux.model.engine.EngineSettings;
import reflux.model.engine.EngineThread;

/** Values against a plain-Java oracle and gradients against its finite differences, in f64, along the stop-gradient map. */
class DualSpaceGradientTest {
    private static final double STEP = 1e-6;
    private static EngineThread thread;

    @BeforeAll
    static void start() {
        thread = EngineThread.start(EngineSettings.cpu("dual-space-gradient", 1));
    }

    @AfterAll
    static void stop() {
        thread.close();
    }

    static Stream<LossSettings> settings() {
        return Stream.of(
                LossSettings.of(0.4, 1.7, new ForwardKl()),
                LossSettings.of(1, 1, new ReverseKl()),
                LossSettings.of(0.7, 2, new GeneralisedJsd(0.3)),
                new LossSettings(0.5, 1, new ForwardKl(), Spaces.BOTH, -1, 3));
    }

    @ParameterizedTest
    @MethodSource("settings")
    void wholeLoss_hasTheOraclesValuesAndGradients(LossSettings settings) {
        thread.call(engine -> {
            try (DualSpaceFixture fixture = new DualSpaceFixture(engine, DataType.F64);
                    DualSpaceLoss loss = DualSpaceLoss.load(engine, settings, DualSpaceFixture.MAP)) {
                DualSpaceFixture.Step step = fixture.step(loss);
                DualSpaceOracle oracle = fixture.oracle(settings);
                DualSpaceOracle.Point point = fixture.point();
                DualSpaceOracle.Terms expected = oracle.terms(point, point);

                assertThat(step.terms().counts().kept()).isBetween(4L, 15L);
                assertThat(step.terms().counts().agreed())
                        .isBetween(1L, step.terms().counts().kept() - 1);
                assertThat(step.terms().t2sCe().value()).isCloseTo(expected.t2sCe(), within(1e-12));
                assertThat(step.terms().t2sKd().value()).isCloseTo(expected.t2sKd(), within(1e-12));
                assertThat(step.terms().s2tKd().value()).isCloseTo(expected.s2tKd(), within(1e-12));
                assertThat(step.terms().loss(settings.kdRatio()))
                        .isCloseTo(expected.loss(settings.kdRatio()), within(1e-12));
                near(step.rowGradient(), differences(oracle, point, DualSpaceOracle.Point::rows));
                near(step.headGradient(), differences(oracle, point, DualSpaceOracle.Point::head));
                near(step.t2sGradient(), differences(oracle, point, DualSpaceOracle.Point::t2s));
            }
            return 0;
        });
    }

    @Test
    void movedProjector_changesTheDistillationButHasNoGradientOfIt() {
        LossSettings settings = LossSettings.of(1, 1, new ForwardKl());
        thread.call(engine -> {
            try (DualSpaceFixture fixture = new DualSpaceFixture(engine, DataType.F64);
                    DualSpaceLoss loss = DualSpaceLoss.load(engine, settings, DualSpaceFixture.MAP)) {
                double[] gradient = fixture.step(loss).t2sGradient();
                DualSpaceOracle oracle = fixture.oracle(settings);
                DualSpaceOracle.Point point = fixture.point();
                DualSpaceOracle.Point moved = point.copy();
                moved.t2s()[1][2] += STEP;

                double change = oracle.terms(moved, moved).t2sKd()
                        - oracle.terms(point, point).t2sKd();
                double slopeOfCe = (oracle.terms(moved, point).t2sCe()
                                - oracle.terms(point, point).t2sCe())
                        / STEP;

                assertThat(Math.abs(change / STEP)).isGreaterThan(1e-3);
                assertThat(gradient[1 * 3 + 2]).isCloseTo(slopeOfCe, within(1e-5));
            }
            return 0;
        });
    }

    /** Central differences of the loss by each entry of one of the live matrices. */
    private static double[] differences(
            DualSpaceOracle oracle, DualSpaceOracle.Point frozen, Function<DualSpaceOracle.Point, double[][]> matrix) {
        DualSpaceOracle.Point live = frozen.copy();
        double[][] entries = matrix.apply(live);
        double ratio = oracle.settings().kdRatio();
        double[] slopes = new double[entries.length * entries[0].length];
        for (int i = 0; i < slopes.length; i++) {
            double[] row = entries[i / entries[0].length];
            int column = i % row.length;
            double value = row[column];
            row[column] = value + STEP;
            double up = oracle.terms(live, frozen).loss(ratio);
            row[column] = value - STEP;
            double down = oracle.terms(live, frozen).loss(ratio);
            row[column] = value;
            slopes[i] = (up - down) / (2 * STEP);
        }
        return slopes;
    }

    private static void near(double[] gradient, double[] slopes) {
        assertThat(gradient).containsExactly(slopes, within(1e-8));
    }
}
