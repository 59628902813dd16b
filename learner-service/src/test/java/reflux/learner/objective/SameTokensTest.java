// SPDX-License-Identifier: Apache-2.0
package reflux.learner.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import reflux.learner.objective.ObjectiveCheck.Point;
import reflux.model.engine.EngineSettings;
import reflux.model.engine.EngineThread;
import reflux.model.text.Vocabulary;

/** Objectives of one vocabulary: values and gradients of a plain-Java oracle, however a step is split. Seeds 1 to 14. */
class SameTokensTest {
    private static EngineThread thread;

    @BeforeAll
    static void start() {
        thread = EngineThread.start(EngineSettings.cpu("same-tokens", 1));
    }

    @AfterAll
    static void stop() {
        thread.close();
    }

    static Stream<ObjectiveSettings> settings() {
        return Stream.of(
                TestSettings.with("objective", "sft", "kd_ratio", 0),
                TestSettings.with("objective", "sft", "kd_ratio", 0, "label_smoothing", 0.2),
                TestSettings.with(
                        "objective", "vanilla-kd", "kd_ratio", 0.4, "kd_temperature", 1.7, "label_smoothing", 0.1),
                TestSettings.with("objective", "vanilla-kd", "kd_loss_fn", "reverse_kl"),
                TestSettings.with("objective", "vanilla-kd", "top_k_logits", 3, "kd_ratio", 0.5),
                TestSettings.with("objective", "gkd", "beta", 0.3, "kd_ratio", 0.8),
                TestSettings.with("objective", "gkd", "beta", 1, "top_k_logits", 3),
                TestSettings.with("objective", "distillm", "skew_lambda", 0.3, "kd_loss_fn", "skewed_reverse_kl"),
                TestSettings.with("objective", "distillm", "skew_lambda", 0.2, "top_k_logits", 3));
    }

    @ParameterizedTest
    @MethodSource("settings")
    void loss_hasTheOraclesValueAndGradients(ObjectiveSettings settings) {
        double tolerance = settings.topKLogits() > 0 ? 1e-6 : 1e-8; // the wire is f32
        thread.call(engine -> {
            new ObjectiveCheck(engine, Objective.of(settings), settings.topKLogits() == 0)
                    .hasTheValueAndGradientsOf(point -> new SameTokensOracle(settings).loss(point), point(), tolerance);
            return 0;
        });
    }

    @ParameterizedTest
    @MethodSource("settings")
    void loss_doesNotDependOnSplitsAndPadding(ObjectiveSettings settings) {
        thread.call(engine -> {
            new ObjectiveCheck(engine, Objective.of(settings), settings.topKLogits() == 0)
                    .doesNotDependOnSplitsAndPadding(point());
            return 0;
        });
    }

    /** Logits exist for 1,024 rows at a time. */
    @Test
    void moreRowsThanAChunk_giveWhatTheirHalvesGive() {
        int[] tokens = IntStream.range(0, 1100).map(i -> i % ReplyStep.TOKENS).toArray();
        double[][] student = PlainMaths.gaussian(31, 1100, ReplyStep.STUDENT_WIDTH);
        double[][] teacher = PlainMaths.gaussian(32, 1100, ReplyStep.TEACHER_WIDTH);
        Objective objective = Objective.of(TestSettings.with("objective", "vanilla-kd", "kd_ratio", 0.5));

        thread.call(engine -> {
            ObjectiveCheck check = new ObjectiveCheck(engine, objective, true);
            Reply whole = part(tokens, student, teacher, 0, 1100);
            Reply first = part(tokens, student, teacher, 0, 550);
            Reply second = part(tokens, student, teacher, 550, 1100);
            ReplyStep.Result expected = check.run(
                    new Point(ReplyStep.Models.random(), List.of(first, second)),
                    0,
                    List.of(List.of(first), List.of(second)));
            ReplyStep.Result result = check.run(new Point(ReplyStep.Models.random(), List.of(whole)));

            assertThat(result.terms().loss()).isCloseTo(expected.terms().loss(), within(1e-12));
            assertThat(result.head()).containsExactly(expected.head(), within(1e-12));
            assertThat(result.rows()[0]).containsExactly(PlainMaths.flat(expected.rows()), within(1e-12));
            return 0;
        });
    }

    private static Reply part(int[] tokens, double[][] student, double[][] teacher, int start, int end) {
        int[] own = Arrays.copyOfRange(tokens, start, end);
        return Reply.gold(0, own)
                .with(Arrays.copyOfRange(student, start, end))
                .scored(own, Arrays.copyOfRange(teacher, start, end));
    }

    @Test
    void topTokens_areAllThatIsAskedOfTheTeacher() {
        for (String name : List.of("vanilla-kd", "gkd", "distillm")) {
            assertThat(needs("objective", name).signal()).isEqualTo(Needs.Signal.HIDDEN_STATES);
            assertThat(needs("objective", name).vocabularies()).isEqualTo(Needs.Vocabularies.SAME);
            assertThat(needs("objective", name, "top_k_logits", 20)).isEqualTo(Needs.topK(20));
        }
        assertThat(needs("objective", "sft")).isEqualTo(Needs.nothing());
    }

    @Test
    void equalModels_costNothing() {
        thread.call(engine -> {
            Point point = point();
            double[][] head = point.models().studentHead();
            Point twins = new Point(
                    new ReplyStep.Models(head, head, head, head),
                    point.replies().stream()
                            .map(reply -> reply.scored(reply.tokens(), reply.states()))
                            .toList());
            Objective objective = Objective.of(TestSettings.with("objective", "gkd"));
            ReplyStep.Result result = new ObjectiveCheck(engine, objective, true).run(twins);

            assertThat(Math.abs(result.terms().loss())).isLessThan(1e-14);
            assertThat(Arrays.stream(result.head()).map(Math::abs).max().orElseThrow())
                    .isLessThan(1e-14);
            return 0;
        });
    }

    /** As with models of which one has a head padded to a multiple of 64. */
    @Test
    void longerHeadOfTheTeacher_isCutToTheStudents() {
        thread.call(engine -> {
            Point point = point();
            ReplyStep.Models models = point.models();
            double[][] longer = Arrays.copyOf(models.teacherHead(), ReplyStep.TOKENS + 2);
            longer[ReplyStep.TOKENS] = new double[] {3, 3, 3, 3};
            longer[ReplyStep.TOKENS + 1] = new double[] {-3, 3, 5, 3};
            Point padded = new Point(
                    new ReplyStep.Models(
                            models.studentHead(), longer, models.studentEmbeddings(), models.teacherEmbeddings()),
                    point.replies());
            Objective objective = Objective.of(TestSettings.with("objective", "vanilla-kd"));
            ObjectiveCheck check = new ObjectiveCheck(engine, objective, true);

            assertThat(check.run(padded).head())
                    .containsExactly(check.run(point).head(), within(1e-14));
            assertThat(check.run(padded).terms().loss())
                    .isCloseTo(check.run(point).terms().loss(), within(1e-14));
            return 0;
        });
    }

    @Test
    void otherTokensUnderTheSameIds_areRefused() {
        thread.call(engine -> {
            try (ReplyStep step = new ReplyStep(engine)) {
                LossSite site = step.site;
                LossSite other = new LossSite(
                        engine,
                        site.heads(),
                        site.maths(),
                        site.student(),
                        vocabulary("abXdef"),
                        site.map(),
                        site.embeddings());
                LossSite longer = new LossSite(
                        engine,
                        site.heads(),
                        site.maths(),
                        site.student(),
                        vocabulary("abcdefgh"),
                        site.map(),
                        site.embeddings());
                Objective objective = Objective.of(TestSettings.with("objective", "gkd"));

                assertThatThrownBy(() -> objective.open(other))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("token 2");
                objective.open(longer).close();
            }
            return 0;
        });
    }

    @Test
    void infiniteState_failsAtOnce() {
        thread.call(engine -> {
            Point point = point().copy();
            point.replies().get(2).states()[0][1] = Double.POSITIVE_INFINITY;
            for (String name : List.of("vanilla-kd", "gkd", "distillm")) {
                Objective objective = Objective.of(TestSettings.with("objective", name));
                assertThatThrownBy(() -> new ObjectiveCheck(engine, objective, true).run(point))
                        .isInstanceOf(ArithmeticException.class)
                        .hasMessageContaining("not finite");
            }
            return 0;
        });
    }

    @Test
    void step_leavesNoTensorsBehind() {
        thread.call(engine -> {
            long before = engine.openTensors();
            for (boolean hasHiddenStates : new boolean[] {true, false}) {
                Objective objective = Objective.of(TestSettings.with(
                        "objective", "vanilla-kd", "kd_ratio", 0.5, "top_k_logits", hasHiddenStates ? 0 : 3));
                new ObjectiveCheck(engine, objective, hasHiddenStates).run(point());
            }
            assertThat(engine.openTensors()).isEqualTo(before);
            return 0;
        });
    }

    @Test
    void contradictingKeys_areRefusedWithARemedy() {
        refused("learner.top_k_logits is -1", "top_k_logits", -1);
        refused("learner.top_k_tail is 'none'; use bucket or renormalise", "top_k_tail", "none");
        refused("of one token", "top_k_logits", 1, "top_k_tail", "renormalise");
        refused("learner.kd_temperature is 2.0; set it to 1", "top_k_logits", 5, "kd_temperature", 2);
        refused("learner.top_p_support is 0.0", "top_p_support", 0);
        refused("learner.top_p_support is 0.9; set it to 1, or top_k_logits", "top_k_logits", 5, "top_p_support", 0.9);
        refused("learner.kd_loss_fn", "kd_loss_fn", "hrl");
        refused("learner.beta is 2.0", "objective", "gkd", "beta", 2);
        refused("learner.skew_lambda is 1.0", "objective", "distillm", "skew_lambda", 1);
        refused("use one of distillm", "objective", "opd");
    }

    private static void refused(String message, Object... keys) {
        Object[] all = keys;
        if (!Arrays.asList(keys).contains("objective")) {
            all = Arrays.copyOf(keys, keys.length + 2);
            all[keys.length] = "objective";
            all[keys.length + 1] = "vanilla-kd";
        }
        ObjectiveSettings settings = TestSettings.with(all);
        assertThatThrownBy(() -> Objective.of(settings))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    private static Needs needs(Object... keys) {
        return Objective.of(TestSettings.with(keys)).needs();
    }

    private static Vocabulary vocabulary(String letters) {
        int[] ends = IntStream.rangeClosed(1, letters.length()).toArray();
        return Vocabulary.of(letters.getBytes(StandardCharsets.UTF_8), ends, new byte[letters.length()]);
    }

    /** Gold and sampled responses; one that the teacher did not see. */
    static Point point() {
        return new Point(
                ReplyStep.Models.random(),
                List.of(
                        Reply.sampled(1, 0, 5, 2),
                        Reply.gold(3, 4, 1).scored(4, 4, 1),
                        Reply.sampled(5, 3),
                        Reply.gold(7, 1, 1, 2, 0)));
    }
}
