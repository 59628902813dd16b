// SPDX-License-Identifier: Apache-2.0
package reflux.learner.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import reflux.learner.loss.ForwardKl;
import reflux.learner.loss.ReverseKl;
import reflux.model.decoder.Parameter;
import reflux.model.engine.EngineSettings;
import reflux.model.engine.EngineThread;

/** Values against a plain-Java oracle, gradients against its finite differences along the stop-gradient map, and splits; in f64. */
class DskdGradientTest {
    private static EngineThread thread;

    @BeforeAll
    static void start() {
        thread = EngineThread.start(EngineSettings.cpu("dskd-gradient", 1));
    }

    @AfterAll
    static void stop() {
        thread.close();
    }

    static Stream<Dskd> settings() {
        return Stream.of(
                new Dskd(false, 0.4, 1.7, new ReverseKl(), 0),
                new Dskd(false, 1, 1, new ForwardKl(), 0),
                new Dskd(true, 0.6, 2, new ReverseKl(), 0),
                new Dskd(true, 1, 1, new ForwardKl(), 0));
    }

    /** With attention the teacher has other tokens, and the crossed teacher predicts some of the student's. */
    private static List<Reply> replies(boolean isAttentive) {
        List<Reply> same = List.of(
                Reply.sampled(21, 1, 4, 2, 0),
                Reply.gold(31, 3, 3, 5),
                Reply.gold(41, 2, 5).scored(42, 2, 5),
                Reply.sampled(51, 0));
        if (!isAttentive) {
            return same;
        }
        return List.of(
                same.get(0).after(5).scored(22, 2, 4, 1),
                same.get(1),
                same.get(2).after(3).scored(43, 1, 0, 5, 3),
                same.get(3).scored(52, 4, 2),
                Reply.sampled(61, 5, 1, 0, 3, 2, 4).scored(62, 1, 1, 2, 3));
    }

    @ParameterizedTest
    @MethodSource("settings")
    void wholeLoss_hasTheOraclesValuesAndGradients(Dskd settings) {
        List<Reply> replies = replies(settings.isAttentive());
        thread.call(engine -> {
            try (ReplyStep step = new ReplyStep(engine);
                    ObjectiveLoss loss = settings.open(step.site)) {
                ReplyStep.Result result = step.run(loss, replies);
                DskdOracle oracle = new DskdOracle(step.models, settings, replies);
                Point point = Point.of(step, replies, loss);
                DskdOracle.Sums expected = oracle.sums(point, point);

                assertThat(expected.t2sKd).isGreaterThan(0.01);
                assertThat(numerator(result, "t2s_ce")).isCloseTo(expected.t2sCe, within(1e-12));
                assertThat(numerator(result, "t2s_kd")).isCloseTo(expected.t2sKd, within(1e-12));
                assertThat(numerator(result, "s2t_kd")).isCloseTo(expected.s2tKd, within(1e-12));
                assertThat(result.terms().loss()).isCloseTo(oracle.loss(point, point), within(1e-12));
                near(PlainMaths.flat(result.rows()), point.slopes("rows", live -> oracle.loss(live, point)));
                near(result.head(), point.slopes("head", live -> oracle.loss(live, point)));
                for (Parameter own : loss.parameters()) {
                    near(result.own().get(own.name()), point.slopes(own.name(), live -> oracle.loss(live, point)));
                }
            }
            return 0;
        });
    }

    @ParameterizedTest
    @MethodSource("settings")
    void splitAndPaddedStep_givesTheResultOfTheWhole(Dskd settings) {
        List<Reply> replies = replies(settings.isAttentive());
        thread.call(engine -> {
            try (ReplyStep step = new ReplyStep(engine);
                    ObjectiveLoss loss = settings.open(step.site)) {
                ReplyStep.Result whole = step.run(loss, replies);
                ReplyStep.Result split =
                        step.run(loss, 2, List.of(replies.subList(0, 1), replies.subList(1, replies.size())));

                assertThat(split.terms().loss()).isCloseTo(whole.terms().loss(), within(1e-12));
                near(PlainMaths.flat(split.rows()), PlainMaths.flat(whole.rows()));
                near(split.head(), whole.head());
                whole.own().forEach((name, gradient) -> near(split.own().get(name), gradient));
            }
            return 0;
        });
    }

    /** A projector moves t2s_kd, but has no gradient of it: what it has is that of the other terms. */
    @ParameterizedTest
    @MethodSource("settings")
    void movedProjector_changesTheDistillationButHasNoGradientOfIt(Dskd settings) {
        List<Reply> replies = replies(settings.isAttentive());
        thread.call(engine -> {
            try (ReplyStep step = new ReplyStep(engine);
                    ObjectiveLoss loss = settings.open(step.site)) {
                double[] gradient = step.run(loss, replies).own().get("dskd.t2s.weight");
                DskdOracle oracle = new DskdOracle(step.models, settings, replies);
                Point point = Point.of(step, replies, loss);
                double[] ofKd = point.slopes("dskd.t2s.weight", live -> oracle.sums(live, live).t2sKd);
                double[] ofCe = point.slopes(
                        "dskd.t2s.weight",
                        live -> settings.kdRatio()
                                * oracle.sums(live, live).t2sCe
                                / oracle.sums(live, live).studentTokens);

                assertThat(Arrays.stream(ofKd).map(Math::abs).max().orElseThrow())
                        .isGreaterThan(1e-3);
                near(gradient, ofCe);
            }
            return 0;
        });
    }

    @Test
    void otherTokensInSameVocabulary_areRefused() {
        Dskd settings = new Dskd(false, 1, 1, new ForwardKl(), 0);
        thread.call(engine -> {
            try (ReplyStep step = new ReplyStep(engine);
                    ObjectiveLoss loss = settings.open(step.site)) {
                assertThatThrownBy(() -> step.run(loss, replies(true)))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("dskd-cma");
            }
            return 0;
        });
    }

    private static double numerator(ReplyStep.Result result, String term) {
        return result.terms().terms().get(term).numerator();
    }

    private static void near(double[] actual, double[] expected) {
        assertThat(actual).containsExactly(expected, within(1e-8));
    }
}
