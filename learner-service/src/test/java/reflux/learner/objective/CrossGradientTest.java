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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import reflux.model.engine.DataType;
import reflux.model.engine.EngineSettings;
import reflux.model.engine.EngineThread;

/**
 * The objectives for two vocabularies: gradients against finite differences of the loss, in f64; how a step is split, and rows
 * that nothing is said about, must not matter.
 */
class CrossGradientTest {
    private static final double STEP = 1e-6;
    private static EngineThread thread;

    @BeforeAll
    static void start() {
        thread = EngineThread.start(EngineSettings.cpu("cross-gradient", 1));
    }

    @AfterAll
    static void stop() {
        thread.close();
    }

    static List<ObjectiveSettings> settings() {
        return List.of(
                TestSettings.with("objective", "uld", "uld_alignment", "text", "kd_ratio", 0.6),
                TestSettings.with("objective", "uld", "uld_alignment", "positional", "uld_weight", 0.7),
                TestSettings.with("objective", "gold", "kd_temperature", 1.5, "kd_ratio", 0.7),
                TestSettings.with("objective", "gold", "uld_hybrid", false),
                TestSettings.with("objective", "gold", "beta", 0, "uld_matched_weight", 0.3),
                TestSettings.with("objective", "gold", "beta", 1.0),
                TestSettings.with("objective", "simple-ctkd", "kd_temperature", 2, "kd_ratio", 0.5),
                TestSettings.with("objective", "simple-ctkd", "kd_loss_fn", "reverse_kl"),
                TestSettings.with("objective", "mined", "kd_temperature", 1.3, "kd_ratio", 0.9),
                TestSettings.with("objective", "simple-ctkd", "group_loss", "likelihood", "group_weight", 0.5),
                TestSettings.with("objective", "uld", "group_loss", "prefix", "kd_temperature", 1.6),
                TestSettings.with("objective", "gold", "group_loss", "both", "kd_ratio", 0.8));
    }

    @ParameterizedTest
    @MethodSource("settings")
    void loss_hasTheGradientOfItsFiniteDifferences(ObjectiveSettings settings) {
        List<CrossReply> replies = replies();
        thread.call(engine -> {
            try (CrossStep step = CrossStep.small(engine, DataType.F64);
                    ObjectiveLoss loss = Objective.of(settings).open(step.site)) {
                CrossStep.Result result = step.run(loss, replies);

                assertThat(result.terms().loss()).isPositive();
                for (int i = 0; i < replies.size(); i++) {
                    int reply = i;
                    double[][] states = Arrays.stream(replies.get(i).states())
                            .map(double[]::clone)
                            .toArray(double[][]::new);
                    List<CrossReply> moved = new ArrayList<>(replies);
                    moved.set(reply, replies.get(i).with(states));
                    near(result.rows().get(i), differences(states, () -> step.run(loss, moved)));
                }
                near(result.head(), differences(step.studentHead, () -> step.withHead()
                        .run(loss, replies)));
            }
            return 0;
        });
    }

    @ParameterizedTest
    @MethodSource("settings")
    void splitBatchAndPadding_changeNothing(ObjectiveSettings settings) {
        List<CrossReply> replies = replies();
        thread.call(engine -> {
            try (CrossStep step = CrossStep.small(engine, DataType.F32);
                    ObjectiveLoss loss = Objective.of(settings).open(step.site)) {
                CrossStep.Result whole = step.run(loss, replies);
                CrossStep.Result split =
                        step.run(loss, 0, List.of(replies.subList(0, 1), replies.subList(1, 3), replies.subList(3, 4)));
                CrossStep.Result padded = step.run(loss, 3, List.of(replies));

                same(split, whole);
                same(padded, whole);
                long before = engine.openTensors();
                step.run(loss, replies);
                assertThat(engine.openTensors()).isEqualTo(before);
            }
            return 0;
        });
    }

    /** The group losses come on top of the dual-space loss, and leave its own terms alone. */
    @Test
    void dualSpaceLossWithGroupLosses_isTheSumOfBoth() {
        List<CrossReply> replies = replies();
        thread.call(engine -> {
            try (CrossStep step = CrossStep.small(engine, DataType.F64)) {
                CrossStep.Result plain = run(step, replies, "kd_ratio", 0.5);
                CrossStep.Result both = run(step, replies, "kd_ratio", 0.5, "group_loss", "both", "group_weight", 3);
                CrossStep.Result groups;
                try (ObjectiveLoss loss =
                        new GroupTerms(true, true, 1.5, 1).addedTo(new GoldLoss(step.site, 0, 0), step.site)) {
                    groups = step.run(loss, replies);
                }

                assertThat(both.terms().loss())
                        .isCloseTo(plain.terms().loss() + groups.terms().loss(), within(1e-12));
                for (int i = 0; i < replies.size(); i++) {
                    assertThat(both.rows().get(i))
                            .containsExactly(
                                    sum(plain.rows().get(i), groups.rows().get(i)), within(1e-12));
                }
                assertThat(both.head()).containsExactly(sum(plain.head(), groups.head()), within(1e-12));
                assertThat(both.terms().terms())
                        .containsAllEntriesOf(plain.terms().terms());
                assertThat(both.terms().terms()).containsKeys("group_likelihood", "group_prefix", "t2s_kd");
            }
            return 0;
        });
    }

    private static CrossStep.Result run(CrossStep step, List<CrossReply> replies, Object... keys) {
        try (ObjectiveLoss loss = Objective.of(TestSettings.with(keys)).open(step.site)) {
            return step.run(loss, replies);
        }
    }

    private static double[] sum(double[] a, double[] b) {
        double[] sum = a.clone();
        Arrays.setAll(sum, i -> a[i] + b[i]);
        return sum;
    }

    private static void same(CrossStep.Result actual, CrossStep.Result expected) {
        assertThat(actual.terms().loss()).isCloseTo(expected.terms().loss(), within(1e-6));
        assertThat(actual.terms().terms().keySet())
                .isEqualTo(expected.terms().terms().keySet());
        for (int i = 0; i < expected.rows().size(); i++) {
            assertThat(actual.rows().get(i)).containsExactly(expected.rows().get(i), within(1e-6));
        }
        assertThat(actual.head()).containsExactly(expected.head(), within(1e-6));
    }

    /** Two sampled replies and two given ones, seed 3. */
    private static List<CrossReply> replies() {
        Random random = new Random(3);
        List<CrossReply> replies = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            replies.add(CrossReply.random(random, CrossWords.small(), i >= 2));
        }
        return replies;
    }

    private interface Run {
        CrossStep.Result get();
    }

    private static double[] differences(double[][] live, Run run) {
        int width = live[0].length;
        double[] slopes = new double[live.length * width];
        for (int i = 0; i < slopes.length; i++) {
            double[] row = live[i / width];
            double value = row[i % width];
            row[i % width] = value + STEP;
            double up = run.get().terms().loss();
            row[i % width] = value - STEP;
            double down = run.get().terms().loss();
            row[i % width] = value;
            slopes[i] = (up - down) / (2 * STEP);
        }
        return slopes;
    }

    private static void near(double[] gradient, double[] slopes) {
        assertThat(gradient).containsExactly(slopes, within(1e-7));
        assertThat(Arrays.stream(gradient).map(Math::abs).sum()).isPositive();
    }
}
