// SPDX-License-Identifier: Apache-2.0
package reflux.learner.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
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
                new GeneralisedJsd(1),
                new SymmetricKl(),
                new SkewedForwardKl(0),
                new SkewedForwardKl(0.1),
                new SkewedReverseKl(0),
                new SkewedReverseKl(0.7),
                new AdaptiveKl(0.5),
                new TotalVariation());
    }

    static Stream<Divergence> divergencesAndCrossEntropies() {
        return Stream.concat(
                divergences(),
                Stream.of(
                        new SoftCrossEntropy(),
                        new SkewedCrossEntropy(0.1),
                        new DistillmSymmetric(0.9),
                        new Top1CrossEntropy()));
    }

    @ParameterizedTest
    @MethodSource("divergences")
    void equalDistributions_costNothing(Divergence divergence) {
        DivergenceMaths.Result result = compare(divergence, STUDENT, STUDENT);

        assertThat(result.values()).containsExactly(new double[result.values().length], within(1e-14));
        assertThat(result.gradients()).containsExactly(new double[STUDENT.length], within(1e-14));
    }

    @ParameterizedTest
    @MethodSource("divergencesAndCrossEntropies")
    void gradient_sumsToZeroInEachRow(Divergence divergence) {
        double[] gradients = compare(divergence, STUDENT, TEACHER).gradients();

        for (int start = 0; start < gradients.length; start += WIDTH) {
            double sum = Arrays.stream(gradients, start, start + WIDTH).sum();
            assertThat(sum).isCloseTo(0, within(1e-13));
        }
    }

    @ParameterizedTest
    @MethodSource("divergencesAndCrossEntropies")
    void constantAddedToARow_changesNothing(Divergence divergence) {
        DivergenceMaths.Result plain = compare(divergence, STUDENT, TEACHER);
        DivergenceMaths.Result shifted = compare(
                divergence,
                Arrays.stream(STUDENT).map(x -> x + 3).toArray(),
                Arrays.stream(TEACHER).map(x -> x - 200).toArray());

        assertThat(shifted.values()).containsExactly(plain.values(), within(1e-12));
        assertThat(shifted.gradients()).containsExactly(plain.gradients(), within(1e-12));
    }

    /** The two ends of the generalised JSD are no values of its formula. */
    static Stream<Divergence> defined() {
        return divergencesAndCrossEntropies()
                .filter(one -> !(one instanceof GeneralisedJsd jsd && jsd.beta() % 1 == 0));
    }

    @ParameterizedTest
    @MethodSource("defined")
    void valueAndGradient_areThoseOfTheDefinitionByAutograd(Divergence divergence) {
        DivergenceMaths.Result found = compare(divergence, STUDENT, TEACHER);
        DivergenceMaths.Result defined = with(divergence, maths -> maths.defined(STUDENT, TEACHER, WIDTH, TEMPERATURE));

        assertThat(found.values()).containsExactly(defined.values(), within(1e-12));
        assertThat(found.gradients()).containsExactly(defined.gradients(), within(1e-12));
    }

    /** The adaptive KL's weights move with the student but count as constants. */
    static Stream<Divergence> differentiable() {
        return divergencesAndCrossEntropies().filter(one -> !(one instanceof AdaptiveKl));
    }

    @ParameterizedTest
    @MethodSource("differentiable")
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

    @ParameterizedTest
    @MethodSource("divergencesAndCrossEntropies")
    void rowsInParts_haveWhatTheyHaveTogether(Divergence divergence) {
        DivergenceMaths.Result whole = compare(divergence, STUDENT, TEACHER);
        int cut = 23 * WIDTH;
        DivergenceMaths.Result part = compare(
                divergence,
                Arrays.copyOfRange(STUDENT, cut, STUDENT.length),
                Arrays.copyOfRange(TEACHER, cut, TEACHER.length));

        assertThat(part.values()).isEqualTo(Arrays.copyOfRange(whole.values(), 23, 64));
        assertThat(part.gradients()).isEqualTo(Arrays.copyOfRange(whole.gradients(), cut, STUDENT.length));
    }

    /** Padding of a head that neither side may use. */
    @ParameterizedTest
    @MethodSource("divergences")
    void idThatBothForbid_isAsIfThereWereNone(Divergence divergence) {
        int width = WIDTH + 1;
        double[] student = new double[64 * width];
        double[] teacher = new double[64 * width];
        for (int i = 0; i < student.length; i++) {
            int source = i / width * WIDTH + i % width;
            student[i] = i % width == WIDTH ? Double.NEGATIVE_INFINITY : STUDENT[source];
            teacher[i] = i % width == WIDTH ? Double.NEGATIVE_INFINITY : TEACHER[source];
        }
        DivergenceMaths.Result plain = compare(divergence, STUDENT, TEACHER);
        DivergenceMaths.Result padded = with(divergence, maths -> maths.compare(student, teacher, width, TEMPERATURE));

        assertThat(padded.values()).containsExactly(plain.values(), within(1e-13));
        for (int i = 0; i < student.length; i++) {
            double expected = i % width == WIDTH ? 0 : plain.gradients()[i / width * WIDTH + i % width];
            assertThat(padded.gradients()[i]).isCloseTo(expected, within(1e-13));
        }
    }

    @ParameterizedTest
    @MethodSource("divergencesAndCrossEntropies")
    void logitThatIsNoNumberOrInfinite_makesItsRowsValueNoNumber(Divergence divergence) {
        for (double bad : new double[] {Double.NaN, Double.POSITIVE_INFINITY}) {
            double[] student = STUDENT.clone();
            double[] teacher = TEACHER.clone();
            student[3] = bad;
            teacher[WIDTH + 5] = bad;

            double[] values = compare(divergence, student, teacher).values();
            assertThat(values[0]).isNaN();
            assertThat(values[1]).isNaN();
            assertThat(Arrays.stream(values).skip(2)).allMatch(Double::isFinite);
        }
    }

    /** In f32, where the smaller probabilities are 0: only logarithms know how small they are. */
    @Test
    void distributionsFarApart_keepTheirValuesAndFiniteGradients() {
        double[] student = {120, 0, -5};
        double[] teacher = {0, 120, 3};

        farApart(new ForwardKl(), student, teacher, 120);
        farApart(new ReverseKl(), student, teacher, 120);
        farApart(new SymmetricKl(), student, teacher, 120);
        farApart(new GeneralisedJsd(0.3), student, teacher, -0.3 * Math.log(0.3) - 0.7 * Math.log(0.7));
        farApart(new SkewedForwardKl(0.1), student, teacher, Math.log(10));
        farApart(new SkewedReverseKl(0.1), student, teacher, Math.log(10));
        farApart(new AdaptiveKl(0.5), student, teacher, 120);
        farApart(new TotalVariation(), student, teacher, 1);
    }

    private static void farApart(Divergence divergence, double[] student, double[] teacher, double expected) {
        DivergenceMaths.Result result = thread.call(engine -> {
            try (DivergenceMaths maths = new DivergenceMaths(engine, divergence, DataType.F32)) {
                return maths.compare(student, teacher, student.length, 1);
            }
        });
        assertThat(result.values()[0]).isCloseTo(expected, within(1e-5 * expected));
        assertThat(Arrays.stream(result.gradients())).allMatch(Double::isFinite);
        assertThat(Arrays.stream(result.gradients()).sum()).isCloseTo(0, within(1e-5));
    }

    @Test
    void generalisedJsd_isSymmetricUnderSwappingSidesAndBeta() {
        double[] there = compare(new GeneralisedJsd(0.3), STUDENT, TEACHER).values();
        double[] back = compare(new GeneralisedJsd(0.7), TEACHER, STUDENT).values();

        assertThat(back).containsExactly(there, within(1e-12));
    }

    private static double[] values(Divergence divergence, int column, double step) {
        double[] moved = STUDENT.clone();
        for (int i = column; i < moved.length; i += WIDTH) {
            moved[i] += step;
        }
        return compare(divergence, moved, TEACHER).values();
    }

    private static DivergenceMaths.Result compare(Divergence divergence, double[] student, double[] teacher) {
        return with(divergence, maths -> maths.compare(student, teacher, WIDTH, TEMPERATURE));
    }

    private static DivergenceMaths.Result with(
            Divergence divergence, Function<DivergenceMaths, DivergenceMaths.Result> work) {
        return thread.call(engine -> {
            try (DivergenceMaths maths = new DivergenceMaths(engine, divergence, DataType.F64)) {
                return work.apply(maths);
            }
        });
    }

    private static double[] logits(long seed) {
        return new Random(seed).doubles(64L * WIDTH, -4, 4).toArray();
    }
}
