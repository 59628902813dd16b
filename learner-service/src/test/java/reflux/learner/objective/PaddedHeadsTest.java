// SPDX-License-Identifier: Apache-2.0
package reflux.learner.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import reflux.model.engine.DataType;
import reflux.model.engine.EngineSettings;
import reflux.model.engine.EngineThread;

/**
 * Rows of a head beyond the ids of its vocabulary (Qwen: 151,936 or 152,064 for 151,669 ids): loss and gradients in f32 are those of the
 * heads without them, and theirs are zero.
 */
class PaddedHeadsTest {
    private static EngineThread thread;

    @BeforeAll
    static void start() {
        thread = EngineThread.start(EngineSettings.cpu("padded-heads", 1));
    }

    @AfterAll
    static void stop() {
        thread.close();
    }

    static List<ObjectiveSettings> crossSettings() {
        List<ObjectiveSettings> settings = new ArrayList<>(CrossGradientTest.settings());
        settings.add(TestSettings.with("objective", "dskd-v2", "kd_ratio", 0.5));
        settings.add(TestSettings.with("objective", "dskd-v2", "topk_vocab", 6));
        return settings;
    }

    @ParameterizedTest
    @MethodSource("crossSettings")
    void twoVocabularies_areComparedWithoutPadding(ObjectiveSettings settings) {
        Random random = new Random(5);
        CrossWords words = CrossWords.small();
        List<CrossReply> replies = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            replies.add(CrossReply.random(random, words, i % 3 == 0));
        }
        CrossStep.Result plain = cross(settings, words, replies, 0, 0);
        for (int[] padding : new int[][] {{3, 0}, {0, 2}, {2, 5}}) {
            CrossStep.Result padded = cross(settings, words, replies, padding[0], padding[1]);

            assertThat(padded.terms().loss()).isCloseTo(plain.terms().loss(), within(1e-6));
            assertThat(padded.head()).containsExactly(plain.head(), within(1e-6));
            for (int i = 0; i < replies.size(); i++) {
                assertThat(padded.rows().get(i)).containsExactly(plain.rows().get(i), within(1e-6));
            }
        }
    }

    private static CrossStep.Result cross(
            ObjectiveSettings settings,
            CrossWords words,
            List<CrossReply> replies,
            int studentPadding,
            int teacherPadding) {
        double[][] student = PlainMaths.gaussian(21, words.student().size(), words.studentWidth());
        double[][] teacher = PlainMaths.gaussian(22, words.teacher().size(), words.teacherWidth());
        return thread.call(engine -> {
            try (CrossStep step = new CrossStep(
                            engine, DataType.F32, words, student, teacher, studentPadding, teacherPadding);
                    ObjectiveLoss loss = Objective.of(settings).open(step.site)) {
                CrossStep.Result result = step.run(loss, replies);
                assertThat(tail(step.wholeGradient(), studentPadding * words.studentWidth()))
                        .containsOnly(0);
                return result;
            }
        });
    }

    static List<ObjectiveSettings> sameSettings() {
        List<ObjectiveSettings> settings =
                new ArrayList<>(SameTokensTest.settings().toList());
        settings.add(TestSettings.with("objective", "sinkd"));
        settings.add(TestSettings.with("objective", "dpkd"));
        settings.add(TestSettings.with("objective", "dskd", "kd_ratio", 0.4));
        settings.add(TestSettings.with("objective", "minillm"));
        settings.add(TestSettings.with("objective", "gkd", "top_p_support", 0.7));
        return settings;
    }

    @ParameterizedTest
    @MethodSource("sameSettings")
    void oneVocabulary_isComparedWithoutPadding(ObjectiveSettings settings) {
        ReplyStep.Models models = ReplyStep.Models.random();
        boolean hasHiddenStates = settings.topKLogits() == 0;
        ReplyStep.Result plain = same(settings, models, hasHiddenStates);
        for (int[] padding : new int[][] {{3, 0}, {0, 2}, {2, 5}}) {
            int ofTeacher = hasHiddenStates ? padding[1] : 0;
            ReplyStep.Models wide = new ReplyStep.Models(
                    PlainMaths.padded(models.studentHead(), padding[0]),
                    PlainMaths.padded(models.teacherHead(), ofTeacher),
                    models.studentEmbeddings(),
                    models.teacherEmbeddings());
            ReplyStep.Result padded = same(settings, wide, hasHiddenStates);

            assertThat(padded.terms().loss()).isCloseTo(plain.terms().loss(), within(1e-6));
            assertThat(padded.head()).containsExactly(plain.head(), within(1e-6));
            for (int i = 0; i < plain.rows().length; i++) {
                assertThat(padded.rows()[i]).containsExactly(plain.rows()[i], within(1e-6));
            }
        }
    }

    private static ReplyStep.Result same(ObjectiveSettings settings, ReplyStep.Models models, boolean hasHiddenStates) {
        return thread.call(engine -> {
            try (ReplyStep step = new ReplyStep(engine, DataType.F32, models, hasHiddenStates);
                    ObjectiveLoss loss = Objective.of(settings).open(step.site)) {
                ReplyStep.Result result = step.run(loss, SameTokensTest.point().replies());
                int padding = models.studentHead().length - ReplyStep.TOKENS;
                assertThat(tail(step.wholeGradient(), padding * ReplyStep.STUDENT_WIDTH))
                        .containsOnly(0);
                return result;
            }
        });
    }

    private static double[] tail(double[] values, int count) {
        return count == 0 ? new double[1] : Arrays.copyOfRange(values, values.length - count, values.length);
    }
}
