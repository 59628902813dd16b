// SPDX-License-Identifier: Apache-2.0
package reflux.learner.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import reflux.learner.loss.Term;
import reflux.learner.vectors.KdVector;
import reflux.model.engine.DataType;
import reflux.model.engine.EngineSettings;
import reflux.model.engine.EngineThread;

/** Objectives of one vocabulary against the reference numbers: token means and their gradients, f32 to 1e-5, f64 to 1e-9. */
class SameTokensVectorsTest {
    private static EngineThread thread;

    record Case(String vector, Object[] keys) {
        static Case of(String vector, Object... keys) {
            return new Case(vector, keys);
        }

        @Override
        public String toString() {
            return vector + Arrays.toString(keys);
        }
    }

    @BeforeAll
    static void start() {
        thread = EngineThread.start(EngineSettings.cpu("same-tokens-vectors", 1));
    }

    @AfterAll
    static void stop() {
        thread.close();
    }

    static Stream<Case> cases() {
        return Stream.of(
                Case.of("div_forward_kl", "objective", "vanilla-kd"),
                Case.of("div_reverse_kl", "objective", "vanilla-kd", "kd_loss_fn", "reverse_kl"),
                Case.of("div_adaptive_kl_0.5", "objective", "vanilla-kd", "kd_loss_fn", "adaptive_kl"),
                Case.of("div_forward_kl", "objective", "gkd", "beta", 0),
                Case.of("div_js_exact", "objective", "gkd", "beta", 0.5),
                Case.of("div_distillm_js_0.9", "objective", "gkd", "beta", 0.1),
                Case.of("div_reverse_kl", "objective", "gkd", "beta", 1),
                Case.of("div_skewed_fkl_0.1", "objective", "distillm"),
                Case.of("div_skewed_rkl_0.1", "objective", "distillm", "kd_loss_fn", "reverse_kl"),
                Case.of("div_skewed_rkl_0.1", "objective", "distillm", "kd_loss_fn", "skewed_reverse_kl"));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void fixture_hasTheReferenceTokenMeanAndGradient(Case example) {
        KdVector vector = KdVector.of(example.vector());
        for (DataType type : List.of(DataType.F32, DataType.F64)) {
            for (int temperature = 1; temperature <= 2; temperature++) {
                JsonNode expected = vector.out("T" + temperature);
                Object[] keys = Arrays.copyOf(example.keys(), example.keys().length + 2);
                keys[keys.length - 2] = "kd_temperature";
                keys[keys.length - 1] = temperature;

                ReplyStep.Result result = run(vector, type, true, keys);

                near(result.terms().loss(), expected.get("token_mean").asDouble(), type);
                near(
                        PlainMaths.flat(result.rows()),
                        FixtureReplies.unmasked(expected.get("grad_student_logits_of_token_mean")),
                        type);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F64"})
    void topTokensOfTheWire_haveTheReferenceForwardKl(DataType type) {
        KdVector vector = KdVector.of("topk_tail");
        JsonNode expected = vector.out("k3");

        for (String tail : List.of("bucket", "renormalise")) {
            String name = "fkl_teacher_support_" + (tail.equals("bucket") ? "tail" : "renorm");
            double mean = Arrays.stream(FixtureReplies.unmasked(expected.get(name)))
                    .average()
                    .orElseThrow();
            ReplyStep.Result result =
                    run(vector, type, false, "objective", "vanilla-kd", "top_k_logits", 3, "top_k_tail", tail);

            // the wire is f32
            assertThat(result.terms().loss()).isCloseTo(mean, within(1e-5 * mean));
        }
    }

    /** Two ranks of two micro-batches each: the mean is over all tokens, and not one of means. */
    @Test
    void sharesOfMicroBatches_addUpToTheGlobalTokenMean() {
        KdVector vector = KdVector.of("loss_denom");
        double[] counts = KdVector.numbers(vector.in("counts"));
        double[] sums = KdVector.numbers(vector.in("micro_sums"));
        Tally step = Tally.NONE;
        for (double count : counts) {
            step = step.plus(Tally.of("pairs", count));
        }
        Terms terms = Terms.NONE;
        for (int i = 0; i < sums.length; i++) {
            double share = step.share(1, "pairs");
            terms = terms.plus(Terms.of("kd", new Term(sums[i], (long) counts[i]), sums[i] * share));
        }

        assertThat(terms.loss()).isEqualTo(vector.out("global_token_mean").asDouble());
        assertThat(terms.value("kd")).isEqualTo(vector.out("averaged").asDouble());
    }

    /** What is divided by is the tokens that are trained, whoever wrote them; the published count is the data set's. */
    @Test
    void sampledTokens_areCountedWhereTheyAreTrained() {
        KdVector vector = KdVector.of("hf_num_items_trap");
        double sum = vector.in("sum_of_token_losses").asDouble();
        Tally step = Tally.of("gold", vector.in("dataset_label_tokens").asDouble())
                .and("pairs", vector.in("generated_tokens").asDouble());

        assertThat(sum * step.share(1, "pairs")).isEqualTo(vector.out("correct").asDouble());
    }

    private static ReplyStep.Result run(KdVector vector, DataType type, boolean hasHiddenStates, Object... keys) {
        return thread.call(engine -> {
            try (ReplyStep step = FixtureReplies.step(engine, type, 5, hasHiddenStates);
                    ObjectiveLoss loss = Objective.of(TestSettings.with(keys)).open(step.site)) {
                return step.run(loss, FixtureReplies.gold(vector));
            }
        });
    }

    private static void near(double actual, double expected, DataType type) {
        near(new double[] {actual}, new double[] {expected}, type);
    }

    /** Relative to the largest of the expected numbers. */
    private static void near(double[] actual, double[] expected, DataType type) {
        double scale = Arrays.stream(expected).map(Math::abs).max().orElse(1);
        assertThat(actual).containsExactly(expected, within((type == DataType.F64 ? 1e-9 : 1e-5) * scale));
    }
}
