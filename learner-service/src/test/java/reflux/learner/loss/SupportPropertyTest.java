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
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import reflux.learner.loss.Support.Rest;
import reflux.learner.loss.Support.Side;
import reflux.model.engine.EngineSettings;
import reflux.model.engine.EngineThread;
import reflux.model.engine.Scope;
import reflux.model.engine.Tensor;

/** What must hold for every divergence on every support, over 24 random rows of 11, in f64 (seeds 11 and 12). */
class SupportPropertyTest {
    private static final int ROWS = 24;
    private static final int WIDTH = 11;
    private static final double[] STUDENT = logits(11);
    private static final double[] TEACHER = logits(12);
    private static EngineThread thread;

    record Result(double[] values, double[] gradients) {}

    @BeforeAll
    static void start() {
        thread = EngineThread.start(EngineSettings.cpu("support-property", 1));
    }

    @AfterAll
    static void stop() {
        thread.close();
    }

    static Stream<Support> supports() {
        return Stream.of(
                new Support.Full(),
                new Support.TopK(4, Side.TEACHER, Rest.BUCKET),
                new Support.TopK(4, Side.STUDENT, Rest.RENORMALISE),
                new Support.TopP(0.8, Rest.BUCKET),
                new Support.TopP(0.8, Rest.RENORMALISE));
    }

    static Stream<Arguments> everywhere() {
        return DivergencePropertyTest.divergencesAndCrossEntropies()
                .flatMap(one -> supports().map(support -> Arguments.of(one, support)));
    }

    @ParameterizedTest
    @MethodSource("everywhere")
    void gradient_isThatOfFiniteDifferencesAndSumsToZero(Divergence divergence, Support support) {
        double[] gradients = compare(divergence, support, STUDENT, TEACHER).gradients();
        for (int start = 0; start < gradients.length; start += WIDTH) {
            assertThat(Arrays.stream(gradients, start, start + WIDTH).sum()).isCloseTo(0, within(1e-13));
        }
        if (divergence instanceof AdaptiveKl) {
            return; // its weights move with the student but count as constants
        }
        double step = 1e-6;
        for (int column = 0; column < WIDTH; column++) {
            double[] up =
                    compare(divergence, support, moved(column, step), TEACHER).values();
            double[] down =
                    compare(divergence, support, moved(column, -step), TEACHER).values();
            for (int row = 0; row < ROWS; row++) {
                assertThat((up[row] - down[row]) / (2 * step)).isCloseTo(gradients[row * WIDTH + column], within(1e-8));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("everywhere")
    void constantAddedToARow_changesNothing(Divergence divergence, Support support) {
        Result plain = compare(divergence, support, STUDENT, TEACHER);
        Result shifted = compare(
                divergence,
                support,
                Arrays.stream(STUDENT).map(x -> x + 7).toArray(),
                Arrays.stream(TEACHER).map(x -> x - 50).toArray());

        same(shifted, plain, 1e-12);
    }

    @ParameterizedTest
    @MethodSource("supports")
    void equalDistributions_costNothingOnAnySupport(Support support) {
        DivergencePropertyTest.divergences().forEach(divergence -> {
            Result result = compare(divergence, support, STUDENT, STUDENT);
            assertThat(result.values()).containsExactly(new double[ROWS], within(1e-14));
            assertThat(result.gradients()).containsExactly(new double[STUDENT.length], within(1e-14));
        });
    }

    /** The rest is one token then, and the buckets are the distribution. */
    @Test
    void allButOneTokenAndABucket_areTheWholeVocabulary() {
        DivergencePropertyTest.divergences().forEach(divergence -> {
            Result whole = compare(divergence, new Support.Full(), STUDENT, TEACHER);
            for (Side side : Side.values()) {
                Support support = new Support.TopK(WIDTH - 1, side, Rest.BUCKET);
                same(compare(divergence, support, STUDENT, TEACHER), whole, 1e-12);
            }
        });
    }

    @Test
    void moreTokensThanThereAreOrAllTheMass_areTheWholeVocabulary() {
        DivergencePropertyTest.divergences().forEach(divergence -> {
            Result whole = compare(divergence, new Support.Full(), STUDENT, TEACHER);
            for (Rest rest : Rest.values()) {
                same(compare(divergence, new Support.TopK(100, Side.TEACHER, rest), STUDENT, TEACHER), whole, 1e-12);
                same(compare(divergence, new Support.TopP(1, rest), STUDENT, TEACHER), whole, 1e-12);
            }
        });
    }

    /** What the wire brings: the teacher's own choice of four, at temperature 1. */
    @Test
    void teachersTopTokens_giveWhatItsLogitsGive() {
        thread.call(engine -> {
            try (Scope scope = engine.scope().child();
                    Comparison comparison = Comparison.load(
                            engine, new GeneralisedJsd(0.3), new Support.TopK(4, Side.TEACHER, Rest.BUCKET), 1)) {
                Tensor student = scope.doubles(STUDENT, ROWS, WIDTH);
                Compared full = comparison.compare(scope, student, scope.doubles(TEACHER, ROWS, WIDTH), 1);
                Compared sent = comparison.compare(scope, student, top(scope, 4), Rest.BUCKET, 1);

                same(result(sent), result(full), 1e-12);
            }
            try (Comparison hot = Comparison.load(engine, new ForwardKl(), new Support.Full(), 2);
                    Comparison chosen = Comparison.load(
                            engine, new ForwardKl(), new Support.TopK(4, Side.TEACHER, Rest.RENORMALISE), 2);
                    Scope scope = engine.scope().child()) {
                Tensor student = scope.doubles(STUDENT, ROWS, WIDTH);
                same(
                        result(hot.compare(scope, student, top(scope, 4), Rest.RENORMALISE, 1)),
                        result(chosen.compare(scope, student, scope.doubles(TEACHER, ROWS, WIDTH), 1)),
                        1e-12);
                assertThatThrownBy(() -> hot.compare(scope, student, top(scope, 4), Rest.BUCKET, 1))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("temperature 2");
            }
            return 0;
        });
    }

    /** Heads padded to different sizes: the rows that only one has are as if they were not there. */
    @ParameterizedTest
    @MethodSource("supports")
    void idsOfOneHeadOnly_doNotCount(Support support) {
        Result plain = compare(new GeneralisedJsd(0.3), support, STUDENT, TEACHER);
        thread.call(engine -> {
            try (Scope scope = engine.scope().child();
                    Comparison comparison = Comparison.load(engine, new GeneralisedJsd(0.3), support, 1.3)) {
                Tensor student = scope.doubles(STUDENT, ROWS, WIDTH);
                Tensor teacher = scope.doubles(TEACHER, ROWS, WIDTH);
                double[] wide = padded(STUDENT);
                Result more = result(comparison.compare(scope, scope.doubles(wide, ROWS, WIDTH + 2), teacher, 1));
                Result less =
                        result(comparison.compare(scope, student, scope.doubles(padded(TEACHER), ROWS, WIDTH + 2), 1));

                same(less, plain, 1e-12);
                same(new Result(more.values(), padded(plain.gradients(), 0)), more, 1e-12);
                assertThat(more.values()).containsExactly(plain.values(), within(1e-12));
            }
            return 0;
        });
    }

    @Test
    void logitThatIsNoNumber_makesTheValueNoNumber() {
        supports().forEach(support -> DivergencePropertyTest.divergencesAndCrossEntropies()
                .forEach(divergence -> {
                    double[] bad = STUDENT.clone();
                    bad[4] = Double.NaN;
                    assertThat(compare(divergence, support, bad, TEACHER).values()[0])
                            .isNaN();
                    assertThat(compare(divergence, support, TEACHER, bad).values()[0])
                            .isNaN();
                }));
    }

    @Test
    void impossibleSupports_areRefused() {
        assertThatThrownBy(() -> new Support.TopK(0, Side.TEACHER, Rest.BUCKET)).hasMessageContaining("count");
        assertThatThrownBy(() -> new Support.TopP(0, Rest.BUCKET)).hasMessageContaining("mass");
        assertThatThrownBy(() -> new Support.TopP(1.01, Rest.BUCKET)).hasMessageContaining("mass");
    }

    private static TopTokens top(Scope scope, int k) {
        long[] ids = new long[ROWS * k];
        double[] logProbs = new double[ROWS * k];
        double[] rest = new double[ROWS];
        for (int row = 0; row < ROWS; row++) {
            double[] logits = Arrays.copyOfRange(TEACHER, row * WIDTH, (row + 1) * WIDTH);
            double mass = Arrays.stream(logits).map(Math::exp).sum();
            Integer[] order = new Integer[WIDTH];
            Arrays.setAll(order, i -> i);
            Arrays.sort(order, (a, b) -> Double.compare(logits[b], logits[a]));
            for (int i = 0; i < WIDTH; i++) {
                if (i < k) {
                    ids[row * k + i] = order[i];
                    logProbs[row * k + i] = logits[order[i]] - Math.log(mass);
                } else {
                    rest[row] += Math.exp(logits[order[i]]) / mass;
                }
            }
            rest[row] = Math.log(rest[row]);
        }
        return new TopTokens(scope.longs(ids, ROWS, k), scope.doubles(logProbs, ROWS, k), scope.doubles(rest, ROWS, 1));
    }

    private static Result compare(Divergence divergence, Support support, double[] student, double[] teacher) {
        return thread.call(engine -> {
            try (Scope scope = engine.scope().child();
                    Comparison comparison = Comparison.load(engine, divergence, support, 1.3)) {
                return result(comparison.compare(
                        scope, scope.doubles(student, ROWS, WIDTH), scope.doubles(teacher, ROWS, WIDTH), 1));
            }
        });
    }

    private static Result result(Compared compared) {
        return new Result(compared.values_C().doubles(), compared.gradient_CV().doubles());
    }

    private static void same(Result actual, Result expected, double tolerance) {
        assertThat(actual.values()).containsExactly(expected.values(), within(tolerance));
        assertThat(actual.gradients()).containsExactly(expected.gradients(), within(tolerance));
    }

    private static double[] moved(int column, double step) {
        double[] moved = STUDENT.clone();
        for (int i = column; i < moved.length; i += WIDTH) {
            moved[i] += step;
        }
        return moved;
    }

    private static double[] padded(double[] rows) {
        return padded(rows, 5);
    }

    /** Each row with two more columns. */
    private static double[] padded(double[] rows, double value) {
        double[] wide = new double[ROWS * (WIDTH + 2)];
        Arrays.setAll(wide, i -> i % (WIDTH + 2) < WIDTH ? rows[i / (WIDTH + 2) * WIDTH + i % (WIDTH + 2)] : value);
        return wide;
    }

    private static double[] logits(long seed) {
        return new Random(seed).doubles((long) ROWS * WIDTH, -3, 3).toArray();
    }
}
