// SPDX-License-Identifier: Apache-2.0
package reflux.learner.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reflux.learner.loss.Term;
import reflux.learner.vectors.KdVector;
import reflux.model.engine.DataType;
import reflux.model.engine.EngineSettings;
import reflux.model.engine.EngineThread;

/** Sinkhorn distillation against reference numbers and plain-Java scalings; the replies are those of {@link SameTokensTest}. */
class SinkdTest {
    private static EngineThread thread;

    @BeforeAll
    static void start() {
        thread = EngineThread.start(EngineSettings.cpu("sinkd", 1));
    }

    @AfterAll
    static void stop() {
        thread.close();
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F64"})
    void fixture_hasTheReferenceCost(DataType type) {
        KdVector vector = KdVector.of("sinkhorn_sinkd");
        int[] tokens = {0, 1, 2, 0};
        Reply reply = Reply.sampled(1, tokens)
                .with(FixtureReplies.rows(vector.in("student_logits"), 4))
                .scored(tokens, FixtureReplies.rows(vector.in("teacher_logits"), 4));
        Objective published = Objective.of(TestSettings.with("objective", "sinkd", "kd_ratio", 0));
        double tolerance = type == DataType.F64 ? 1e-9 : 1e-5;

        thread.call(engine -> {
            try (ReplyStep step = FixtureReplies.step(engine, type, 3, true);
                    ObjectiveLoss loss = published.open(step.site)) {
                Terms terms = step.run(loss, List.of(reply)).terms();

                assertThat(terms.value("sinkhorn"))
                        .isCloseTo(vector.out("sum_PW").asDouble(), within(tolerance));
                assertThat(terms.loss()).isCloseTo(vector.out("weighted_0_001").asDouble(), within(tolerance));
            }
            return 0;
        });
    }

    @Test
    void loss_hasTheOraclesValueAndGradients() {
        ObjectiveSettings settings = settings("kd_ratio", 0.6, "kd_loss_fn", "reverse_kl");
        thread.call(engine -> {
            new ObjectiveCheck(engine, Objective.of(settings), true)
                    .hasTheValueAndGradientsOf(
                            point -> new SameTokensOracle(settings).loss(point) + 0.8 * cost(point),
                            SameTokensTest.point(),
                            1e-7);
            return 0;
        });
    }

    @Test
    void loss_doesNotDependOnSplitsAndPadding() {
        thread.call(engine -> {
            new ObjectiveCheck(engine, Objective.of(settings("kd_ratio", 0.6)), true)
                    .doesNotDependOnSplitsAndPadding(SameTokensTest.point());
            return 0;
        });
    }

    @Test
    void longResponse_isCutIntoBlocksOf128Rows() {
        int[] tokens = IntStream.range(0, 130).map(i -> i % ReplyStep.TOKENS).toArray();
        ObjectiveCheck.Point point =
                new ObjectiveCheck.Point(ReplyStep.Models.random(), List.of(Reply.sampled(21, tokens)));

        thread.call(engine -> {
            Term term = new ObjectiveCheck(engine, Objective.of(settings("kd_ratio", 0)), true)
                    .run(point)
                    .terms()
                    .terms()
                    .get("sinkhorn");

            assertThat(term.denominator()).isEqualTo(2);
            assertThat(term.value()).isCloseTo(cost(point), within(1e-9));
            return 0;
        });
    }

    /** Where exp(−W/ε) is 0 in f64 for all pairs of rows. */
    @Test
    void smallEpsilon_staysFinite() {
        Objective objective = Objective.of(settings("sinkhorn_epsilon", 1e-4, "kd_ratio", 0));
        thread.call(engine -> {
            ReplyStep.Result result = new ObjectiveCheck(engine, objective, true).run(SameTokensTest.point());

            assertThat(result.terms().value("sinkhorn")).isBetween(0.1, 10.0);
            assertThat(Arrays.stream(result.head())).allMatch(Double::isFinite);
            return 0;
        });
    }

    @Test
    void impossibleKeys_areRefused() {
        refused("learner.top_k_logits is 5; set it to 0", "top_k_logits", 5);
        refused("learner.sinkhorn_temperature is 0.0", "sinkhorn_temperature", 0);
        refused("learner.sinkhorn_epsilon is -1.0", "sinkhorn_epsilon", -1);
        refused("learner.sinkhorn_iterations is 0", "sinkhorn_iterations", 0);
        refused("learner.sinkhorn_weight is -1.0", "sinkhorn_weight", -1);
    }

    private static void refused(String message, Object... keys) {
        ObjectiveSettings settings = settings(keys);
        assertThatThrownBy(() -> Objective.of(settings))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    private static ObjectiveSettings settings(Object... keys) {
        Object[] all = Arrays.copyOf(new Object[] {"objective", "sinkd", "sinkhorn_weight", 0.8}, 4 + keys.length);
        System.arraycopy(keys, 0, all, 4, keys.length);
        return TestSettings.with(all);
    }

    /** The mean over blocks, as the papers have it: no logarithms. */
    private static double cost(ObjectiveCheck.Point point) {
        double sum = 0;
        int blocks = 0;
        for (Reply reply : point.replies()) {
            for (int start = 0; start < reply.teacherTokens().length; start += 128) {
                int end = Math.min(start + 128, reply.teacherTokens().length);
                double[][] q = probabilities(point.models().studentHead(), reply.states(), start, end);
                double[][] p = probabilities(point.models().teacherHead(), reply.teacherStates(), start, end);
                sum += transport(q, p);
                blocks++;
            }
        }
        return sum / blocks;
    }

    private static double[][] probabilities(double[][] head, double[][] states, int start, int end) {
        double[][] rows = new double[end - start][];
        Arrays.setAll(rows, i -> Arrays.stream(PlainMaths.logSoftmax(PlainMaths.times(head, states[start + i]), 2))
                .map(Math::exp)
                .toArray());
        return rows;
    }

    private static double transport(double[][] q, double[][] p) {
        int n = q.length;
        double[][] cost = new double[n][n];
        double[][] plan = new double[n][n];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                for (int v = 0; v < q[i].length; v++) {
                    cost[i][j] += Math.abs(q[i][v] - p[j][v]);
                }
                plan[i][j] = Math.exp(-cost[i][j] / 0.1);
            }
        }
        for (int iteration = 0; iteration < 20; iteration++) {
            for (double[] row : plan) {
                double sum = Arrays.stream(row).sum();
                Arrays.setAll(row, j -> row[j] / sum);
            }
            for (int column = 0; column < n; column++) {
                double sum = 0;
                for (double[] row : plan) {
                    sum += row[column];
                }
                for (double[] row : plan) {
                    row[column] /= sum;
                }
            }
        }
        double moved = 0;
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                moved += plan[i][j] * cost[i][j];
            }
        }
        return moved;
    }
}
