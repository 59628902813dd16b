// SPDX-License-Identifier: Apache-2.0
package reflux.learner.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import reflux.model.engine.DataType;
import reflux.model.engine.EngineSettings;
import reflux.model.engine.EngineThread;

/** Values against a plain-Java oracle, gradients against its finite differences, splits, weights and padding; in f64. */
class MiniLlmTest {
    /** Gold, sampled by the student, by an older one, from a mixture with the teacher, and given but scored. */
    private static final List<Reply> REPLIES = List.of(
            Reply.gold(31, 3, 3, 5),
            Reply.sampled(21, 1, 4, 2, 0).sampledWith(-1.2f, -2.5f, -0.9f, -3.1f),
            Reply.sampled(51, 0, 2, 5, 5, 1)
                    .sampledWith(-4.5f, -0.2f, -6f, -1.1f, -2f)
                    .stale(3),
            Reply.sampled(61, 5, 1).sampledWith(-1.5f, -0.8f).drawnFrom(-1.1f, -1.3f),
            Reply.gold(41, 2, 5).scored(42, 2, 5));

    private static EngineThread thread;

    @BeforeAll
    static void start() {
        thread = EngineThread.start(EngineSettings.cpu("minillm", 1));
    }

    @AfterAll
    static void stop() {
        thread.close();
    }

    static Stream<MiniLlm> settings() {
        return Stream.of(
                settings("minillm"),
                settings("minillm", "kd_ratio", 0.6, "whitening", "batch", "length_norm", false, "kd_temperature", 1.5),
                settings("minillm", "whitening", "none", "importance_clip", 1.3, "cliprange_reward", 1.5),
                settings("minillm", "single_step", false, "importance_clip", 1e9, "kd_ratio", 0.8),
                settings("iw-opd", "gamma", 0.5, "reward_scaling", 1));
    }

    private static MiniLlm settings(String objective, Object... keys) {
        Object[] all = new Object[keys.length + 2];
        all[0] = "objective";
        all[1] = objective;
        System.arraycopy(keys, 0, all, 2, keys.length);
        return (MiniLlm) Objective.of(TestSettings.with(all));
    }

    @ParameterizedTest
    @MethodSource("settings")
    void wholeLoss_hasTheOraclesValuesAndGradients(MiniLlm settings) {
        with(settings, (step, loss) -> {
            ReplyStep.Result result = step.run(loss, REPLIES);
            MiniLlmOracle oracle = new MiniLlmOracle(step.models, settings, REPLIES, settings.hasSingleStep());
            Point point = Point.of(step, REPLIES, loss);

            assertThat(result.terms().loss()).isCloseTo(oracle.loss(point, point), within(1e-12));
            assertThat(result.terms().value("pg")).isCloseTo(oracle.surrogate(point, point), within(1e-12));
            assertThat(result.terms().value("stopped")).isBetween(0.05, 0.95);
            near(PlainMaths.flat(result.rows()), point.slopes("rows", live -> oracle.loss(live, point)));
            near(result.head(), point.slopes("head", live -> oracle.loss(live, point)));
        });
    }

    @ParameterizedTest
    @MethodSource("settings")
    void splitAndPaddedStep_givesTheResultOfTheWhole(MiniLlm settings) {
        with(settings, (step, loss) -> {
            ReplyStep.Result whole = step.run(loss, REPLIES);
            ReplyStep.Result split =
                    step.run(loss, 2, List.of(REPLIES.subList(0, 2), REPLIES.subList(2, 3), REPLIES.subList(3, 5)));

            assertThat(split.terms().loss()).isCloseTo(whole.terms().loss(), within(1e-12));
            assertThat(split.terms().values().keySet())
                    .isEqualTo(whole.terms().values().keySet());
            whole.terms().values().forEach((name, value) -> assertThat(
                            split.terms().values().get(name))
                    .as(name)
                    .isCloseTo(value, within(1e-12)));
            near(PlainMaths.flat(split.rows()), PlainMaths.flat(whole.rows()));
            near(split.head(), whole.head());
        });
    }

    @Test
    void importanceWeights_areOfTheStudentAsItIsNowAndCut() {
        MiniLlm settings = settings("minillm", "importance_clip", 1.3);
        with(settings, (step, loss) -> {
            ReplyStep.Result result = step.run(loss, REPLIES);
            MiniLlmOracle oracle = new MiniLlmOracle(step.models, settings, REPLIES, true);
            Point point = Point.of(step, REPLIES, loss);
            double[] weights = new double[11];
            int i = 0;
            for (int r = 1; r <= 3; r++) {
                for (int t = 0; t < REPLIES.get(r).tokens().length; t++) {
                    weights[i++] = oracle.weight(point, r, t);
                }
            }
            double sum = Arrays.stream(weights).sum();
            double squares = Arrays.stream(weights).map(w -> w * w).sum();

            assertThat(weights).contains(1.3);
            assertThat(result.terms().values().get("importance_weight")).isCloseTo(sum / 11, within(1e-12));
            assertThat(result.terms().values().get("effective_samples")).isCloseTo(sum * sum / squares, within(1e-11));
        });
    }

    @Test
    void samplerThatIsTheStudent_hasNoDriftAndFullSampleSize() {
        with(settings("minillm"), (step, loss) -> {
            Reply reply = REPLIES.get(1);
            float[] exact = new float[4];
            for (int t = 0; t < 4; t++) {
                double[] logits = PlainMaths.times(step.models.studentHead(), reply.states()[t]);
                exact[t] = (float) PlainMaths.logSoftmax(logits, 1)[reply.tokens()[t]];
            }
            Terms terms = step.run(loss, List.of(reply.sampledWith(exact))).terms();

            assertThat(terms.value("drift_k3")).isCloseTo(0, within(1e-12));
            assertThat(terms.values().get("effective_samples")).isCloseTo(4, within(1e-6));
            assertThat(terms.value("stopped")).isZero();
        });
    }

    @Test
    void givenResponses_takePartInTheExactKlOnly() {
        with(settings("minillm"), (step, loss) -> {
            List<Reply> given = List.of(REPLIES.get(4));
            ReplyStep.Result result = step.run(loss, given);
            MiniLlmOracle oracle = new MiniLlmOracle(step.models, settings("minillm"), given, true);
            Point point = Point.of(step, given, loss);

            assertThat(result.terms().value("pg")).isZero();
            assertThat(result.terms().loss()).isCloseTo(oracle.exact(point), within(1e-12));
            near(PlainMaths.flat(result.rows()), point.slopes("rows", oracle::exact));
        });
    }

    @Test
    void paddingRowsOfTheTeachersHead_changeNothing() {
        ReplyStep.Models models = ReplyStep.Models.random();
        double[][] padded = Arrays.copyOf(models.teacherHead(), 8);
        padded[6] = new double[] {1, 2, 3, 4};
        padded[7] = new double[] {-4, 3, -2, 1};
        thread.call(engine -> {
            try (ReplyStep plain = new ReplyStep(engine);
                    ReplyStep wide = new ReplyStep(
                            engine,
                            DataType.F64,
                            new ReplyStep.Models(models.studentHead(), padded, padded, padded),
                            true);
                    ObjectiveLoss plainLoss = settings("minillm").open(plain.site);
                    ObjectiveLoss wideLoss = settings("minillm").open(wide.site)) {
                ReplyStep.Result expected = plain.run(plainLoss, REPLIES);
                ReplyStep.Result found = wide.run(wideLoss, REPLIES);

                assertThat(found.terms().loss()).isCloseTo(expected.terms().loss(), within(1e-12));
                near(PlainMaths.flat(found.rows()), PlainMaths.flat(expected.rows()));
            }
            return 0;
        });
    }

    @Test
    void otherTokensAtTheTeacher_areRefused() {
        with(settings("minillm"), (step, loss) -> assertThatThrownBy(
                        () -> step.run(loss, List.of(REPLIES.get(1).scored(9, 1, 4, 2))))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("one vocabulary"));
    }

    @Test
    void wrongNumbers_areRefusedByKey() {
        assertThatThrownBy(() -> settings("minillm", "gamma", 1.5)).hasMessageContaining("learner.gamma is 1.5");
        assertThatThrownBy(() -> settings("minillm", "importance_clip", 0.5)).hasMessageContaining("importance_clip");
        assertThatThrownBy(() -> settings("minillm", "cliprange", 0)).hasMessageContaining("learner.cliprange is 0");
        assertThatThrownBy(() -> settings("minillm", "reward_scaling", 0)).hasMessageContaining("reward_scaling");
        assertThatThrownBy(() -> settings("minillm", "whitening", "all")).hasMessageContaining("masked, batch or none");
    }

    private static void with(MiniLlm settings, BiConsumer<ReplyStep, ObjectiveLoss> work) {
        thread.call(engine -> {
            try (ReplyStep step =
                            new ReplyStep(engine, DataType.F64, ReplyStep.Models.random(), settings.hasSingleStep());
                    ObjectiveLoss loss = settings.open(step.site)) {
                work.accept(step, loss);
            }
            return 0;
        });
    }

    private static void near(double[] actual, double[] expected) {
        assertThat(actual).containsExactly(expected, within(1e-7));
    }
}
