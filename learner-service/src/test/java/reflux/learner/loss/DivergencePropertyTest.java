// SPDX-License-Identifier: Apache-2.0
package reflux.learner.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import reflux.model.engine.DataType;
import reflux.model.engine.EngineSettings;
import reflux.model.engine.EngineThread;

/** What must hold for any logits, over 64 random rows of 17 (seeds 1 and 2). */
class DivergencePropertyTest {
    private static final int WIDTH = 17;
    private static final double TEMPERATURE = 1.7;
    private static final double[] STUDENT = logits(1);
    private static final double[] TEACHER = logits(2);
    private static EngineThread thread;

    @BeforeAll
    static void start() {
        thread = EngineThread.start(EngineSettings.cpu("divergence-property", 1));
    }

    @AfterAll
    static void stop() {
        thread.close();
    }

    static Stream<Divergence> divergences() {
        return Stream.of(
                new ForwardKl(),
                new ReverseKl(),
                new GeneralisedJsd(0),
                new GeneralisedJsd(0.3),
                new GeneralisedJsd(1));
    }

    @ParameterizedTest
    @MethodSource("divergences")
    void equalDistributions_costNothing(Divergence divergence) {
        DivergenceMaths.Result result = compare(divergence, STUDENT, STUDENT);

        assertThat(result.values()).containsExactly(new double[result.values().length], within(1e-14));
        assertThat(result.gradients()).containsExactly(new double[STUDENT.length], within(1e-14));
    }

    @ParameterizedTest
    @MethodSource("divergences")
    void gradient_sumsToZeroInEachRow(Divergence divergence) {
        double[] gradients = compare(divergence, STUDENT, TEACHER).gradients();

        for (int start = 0; start < gradients.length; start += WIDTH) {
            double sum = Arrays.stream(gradients, start, start + WIDTH).sum();
            assertThat(sum).isCloseTo(0, within(1e-13));
        }
    }

    @ParameterizedTest
    @MethodSource("divergences")
    void constantAddedToARow_changesNothing(Divergence divergence) {
        DivergenceMaths.Result plain = compare(divergence, STUDENT, TEACHER);
        DivergenceMaths.Result shifted = compare(
                divergence,
                Arrays.stream(STUDENT).map(x -> x + 3).toArray(),
                Arrays.stream(TEACHER).map(x -> x - 200).toArray());

        assertThat(shifted.values()).containsExactly(plain.values(), within(1e-12));
        assertThat(shifted.gradients()).containsExactly(plain.gradients(), within(1e-12));
    }

    @ParameterizedTest
    @MethodSource("divergences")
    void gradient_isThatOfFiniteDifferences(Divergence divergence) {
        double step = 1e-6;
        double[] gradients = compare(divergence, STUDENT, TEACHER).gradients();
        for (int column = 0; column < WIDTH; column += 5) {
            double[] up = values(divergence, column, step);
            double[] down = values(divergence, column, -step);
            for (int row = 0; row < up.length; row++) {
                assertThat((up[row] - down[row]) / (2 * step)).isCloseTo(gradients[row * WIDTH + column], within(1e-8));
            }
        }
    }

    @Test
    void generalisedJsd_isSymmetricUnderSwappingSidesAndBeta() {
        double[] there = compare(new GeneralisedJsd(0.3), STUDENT, TEACHER).values();
        double[] back = compare(new GeneralisedJsd(0.7), TEACHER, STUDENT).values();

        assertThat(back).containsExactly(there, within(1e-12));
    }

    @Test
    void unknownName_isRefusedWithTheKnownOnes() {
        assertThat(Divergence.named("reverse_kl", 0.5)).isEqualTo(new ReverseKl());
        assertThatThrownBy(() -> Divergence.named("tvd", 0.5))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("forward_kl, reverse_kl or generalised_jsd");
    }

    private static double[] values(Divergence divergence, int column, double step) {
        double[] moved = STUDENT.clone();
        for (int i = column; i < moved.length; i += WIDTH) {
            moved[i] += step;
        }
        return compare(divergence, moved, TEACHER).values();
    }

    private static DivergenceMaths.Result compare(Divergence divergence, double[] student, double[] teacher) {
        return thread.call(engine -> {
            try (DivergenceMaths maths = new DivergenceMaths(engine, divergence, DataType.F64)) {
                return maths.compare(student, teacher, WIDTH, TEMPERATURE);
            }
        });
    }

    private static double[] logits(long seed) {
        return new Random(seed).doubles(64L * WIDTH, -4, 4).toArray();
    }
}
