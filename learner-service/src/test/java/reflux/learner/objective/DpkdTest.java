// SPDX-License-Identifier: Apache-2.0
package reflux.learner.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import reflux.learner.vectors.KdVector;
import reflux.model.engine.DataType;
import reflux.model.engine.EngineSettings;
import reflux.model.engine.EngineThread;

/** DPKD and its variants against reference numbers and a plain-Java oracle; the replies are those of {@link SameTokensTest}. */
class DpkdTest {
    private static final double BETA = 0.7;
    private static EngineThread thread;

    @BeforeAll
    static void start() {
        thread = EngineThread.start(EngineSettings.cpu("dpkd", 1));
    }

    @AfterAll
    static void stop() {
        thread.close();
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F64"})
    void fixture_hasTheReferenceTokenMeans(DataType type) {
        KdVector vector = KdVector.of("dpkd_token");

        near(mean(type, vector, "dpkd"), vector.out("token_mean").asDouble(), type);
        near(mean(type, vector, "dpkd"), mean(vector, "per_token"), type);
        near(mean(type, vector, "ipo"), mean(vector, "ipo_per_token"), type);
        near(mean(type, vector, "dpop"), mean(vector, "dpop_per_token"), type);
    }

    @ParameterizedTest
    @ValueSource(strings = {"dpkd", "ipo", "dpop", "simpo"})
    void loss_hasTheOraclesValueAndGradients(String variant) {
        Objective objective = Objective.of(settings(variant, 0.6));
        thread.call(engine -> {
            ObjectiveCheck check = new ObjectiveCheck(engine, objective, true);
            // simpo's slopes are those of a response of 256 tokens, on one of three
            double tolerance = variant.equals("simpo") ? 1e-6 : 1e-7;
            check.hasTheValueAndGradientsOf(point -> loss(point, variant), SameTokensTest.point(), tolerance);
            return 0;
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"dpkd", "simpo"})
    void loss_doesNotDependOnSplitsAndPadding(String variant) {
        thread.call(engine -> {
            new ObjectiveCheck(engine, Objective.of(settings(variant, 0.6)), true)
                    .doesNotDependOnSplitsAndPadding(SameTokensTest.point());
            return 0;
        });
    }

    @Test
    void sameLikeliestToken_costsLnTwoAndTeachesNothing() {
        thread.call(engine -> {
            ObjectiveCheck.Point point = SameTokensTest.point();
            double[][] head = point.models().studentHead();
            ObjectiveCheck.Point twins = new ObjectiveCheck.Point(
                    new ReplyStep.Models(head, head, head, head),
                    point.replies().stream()
                            .map(reply -> reply.scored(reply.tokens(), reply.states()))
                            .toList());
            ReplyStep.Result result = new ObjectiveCheck(engine, Objective.of(settings("dpkd", 1)), true).run(twins);

            assertThat(result.terms().loss()).isCloseTo(Math.log(2), within(1e-14));
            assertThat(result.head()).containsOnly(0);
            return 0;
        });
    }

    @Test
    void impossibleKeys_areRefused() {
        assertThatThrownBy(() -> Objective.of(settings("kto", 1)))
                .hasMessageContaining("learner.dpkd_variant is 'kto'; use dpkd, ipo, dpop or simpo");
        assertThatThrownBy(() -> Objective.of(TestSettings.with("objective", "dpkd", "dpkd_beta", 0)))
                .hasMessageContaining("learner.dpkd_beta is 0.0");
    }

    private static ObjectiveSettings settings(String variant, double kdRatio) {
        return TestSettings.with("objective", "dpkd", "dpkd_variant", variant, "kd_ratio", kdRatio, "dpkd_beta", BETA);
    }

    private static double mean(DataType type, KdVector vector, String variant) {
        Objective objective = Objective.of(TestSettings.with("objective", "dpkd", "dpkd_variant", variant));
        return thread.call(engine -> {
            try (ReplyStep step = FixtureReplies.step(engine, type);
                    ObjectiveLoss loss = objective.open(step.site)) {
                return step.run(loss, FixtureReplies.gold(vector)).terms().loss();
            }
        });
    }

    private static double mean(KdVector vector, String name) {
        return Arrays.stream(FixtureReplies.unmasked(vector.out(name)))
                .average()
                .orElseThrow();
    }

    private static void near(double actual, double expected, DataType type) {
        assertThat(actual).isCloseTo(expected, within((type == DataType.F64 ? 1e-9 : 1e-5) * expected));
    }

    /** 0.4 CE + 0.6 preference, from the definition. */
    private static double loss(ObjectiveCheck.Point point, String variant) {
        double ce = 0;
        int gold = 0;
        double sum = 0;
        int pairs = 0;
        for (Reply reply : point.replies()) {
            double length = Arrays.stream(reply.tokens()).distinct().count() / 256.0;
            for (int t = 0; t < reply.tokens().length; t++) {
                double[] logQ = logProbs(point.models().studentHead(), reply.states()[t]);
                if (reply.isGold()) {
                    ce -= logQ[reply.tokens()[t]];
                    gold++;
                }
                if (reply.teacherTokens().length > 0) {
                    sum += preference(
                            logQ, logProbs(point.models().teacherHead(), reply.teacherStates()[t]), length, variant);
                    pairs++;
                }
            }
        }
        return 0.4 * ce / gold + 0.6 * sum / pairs;
    }

    private static double[] logProbs(double[][] head, double[] state) {
        return PlainMaths.logSoftmax(PlainMaths.times(head, state), 1);
    }

    private static double preference(double[] logQ, double[] logP, double length, String variant) {
        int a = PlainMaths.argmax(logP);
        int b = PlainMaths.argmax(logQ);
        double own = logQ[a] - logQ[b];
        double h = own - (logP[a] - logP[b]);
        double dpkd = -Math.log(1 / (1 + Math.exp(-BETA * h)));
        return switch (variant) {
            case "dpkd" -> dpkd;
            case "ipo" -> Math.pow(h - 1 / (2 * BETA), 2);
            case "dpop" -> dpkd + 50 * Math.max(0, logP[a] - logQ[a]);
            default -> Math.log1p(Math.exp(-BETA * own / length));
        };
    }
}
