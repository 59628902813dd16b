// SPDX-License-Identifier: Apache-2.0
package reflux.learner.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import reflux.learner.vectors.KdVector;

/** Rewards, returns, whitening, clipping and weights against the reference numbers, to 1e-9. Responses have 4 and 2 tokens. */
class PolicyVectorsTest {
    private static final int[] LENGTHS = {4, 2};

    @Test
    void minillm_rewardsReturnsAndWhiteningAreThePublished() {
        KdVector vector = KdVector.of("minillm_advantage");
        double gamma = vector.in("gamma").asDouble();
        Rewards rewards = new Rewards(
                vector.in("reward_scaling").asDouble(),
                vector.in("cliprange_reward").asDouble());
        double[][] normalised = new double[2][];
        for (int b = 0; b < 2; b++) {
            double[] reward = rewards.of(row(vector.in("teacher_logp"), b), row(vector.in("student_logp"), b));
            double[] ones = new double[LENGTHS[b]];
            Arrays.fill(ones, 1);
            normalised[b] = new Credit.Returns(gamma, true).of(reward);

            near(reward, row(vector.out("reward"), b));
            near(new Credit.Returns(1, false).of(ones), row(vector.out("remaining_len"), b));
            near(new Credit.Returns(gamma, false).of(reward), row(vector.out("returns"), b));
            near(normalised[b], row(vector.out("length_normalised"), b));
        }
        Moments padded = Moments.of(concat(normalised)).padded(8);

        near(padded.whiten(normalised[0]), row(vector.out("whitened"), 0));
        near(padded.whiten(normalised[1]), row(vector.out("whitened"), 1));
        near(
                padded.whiten(new double[1]),
                new double[] {KdVector.numbers(vector.out("whitened").get(1))[2]});
    }

    @Test
    void maskedWhitening_countsTokensOnly() {
        KdVector vector = KdVector.of("minillm_advantage_masked_whitening");
        JsonNode values = vector.in("length_normalised");
        Moments moments = Moments.of(concat(row(values, 0), row(values, 1)));

        near(moments.whiten(row(values, 0)), row(vector.out("whitened"), 0));
        near(moments.whiten(row(values, 1)), row(vector.out("whitened"), 1));
    }

    @Test
    void clippedSurrogate_isThePublished() {
        KdVector vector = KdVector.of("minillm_ppo");
        PpoClip clip = new PpoClip(0.2, Double.POSITIVE_INFINITY);
        double loss = 0;
        for (int b = 0; b < 2; b++) {
            double[] mixing = row(vector.in("w"), b);
            double[] old = row(vector.in("old_logp"), b);
            double[] live = row(vector.in("new_logp"), b);
            double[] advantages = row(vector.in("advantage"), b);
            double[] weights = new double[LENGTHS[b]];
            for (int t = 0; t < LENGTHS[b]; t++) {
                PpoClip.Move move = clip.move(advantages[t], live[t], old[t] - Math.log(mixing[t]));
                weights[t] = move.weight();
                loss += move.value() / 6;
            }
            near(weights, row(vector.out("ratio"), b));
        }
        assertThat(loss).isCloseTo(vector.out("pg_loss").asDouble(), within(1e-9));
    }

    @Test
    void mixedSampling_isWeighedByTheStudentsShare() {
        KdVector vector = KdVector.of("teacher_mixed_sampling");
        PpoClip clip = new PpoClip(0.2, Double.POSITIVE_INFINITY);
        for (int row = 0; row < 3; row++) {
            double[] logits = KdVector.numbers(vector.in("student_logits").get(row));
            double[] mix = KdVector.numbers(vector.out("mix").get(row));
            double[] expected = KdVector.numbers(vector.out("w").get(row));
            double mass = Arrays.stream(logits).map(Math::exp).sum();
            for (int v = 0; v < logits.length; v++) {
                double live = logits[v] - Math.log(mass);
                assertThat(clip.move(1, live, Math.log(mix[v])).weight()).isCloseTo(expected[v], within(1e-9));
            }
        }
    }

    @Test
    void k3_isThePublishedStatistic() {
        KdVector vector = KdVector.of("k3_rev_kl");
        double[] found = Arrays.stream(KdVector.numbers(vector.in("d")))
                .map(KlEstimate::k3)
                .toArray();

        near(found, KdVector.numbers(vector.out("k3")));
    }

    /**
     * TRL multiplies with absolute powers of gamma and lets padding of 1e-4 into its normaliser. Deliberate difference: ours is
     * what the vector calls correct; TRL's numbers follow from it.
     */
    @Test
    void trl_isOursUpToItsPowersOfGamma() {
        KdVector vector = KdVector.of("trl_minillm_advantage");
        Credit.Returns returns = new Credit.Returns(0.9, false);
        double[][] masks = {{1, 1, 1, 1}, {1, 1, 1e-4, 1e-4}};
        for (int b = 0; b < 2; b++) {
            double[] rewards = new Rewards(1, Double.POSITIVE_INFINITY)
                    .of(row(vector.in("teacher_logp"), b), row(vector.in("student_logp"), b));
            double[] credit = returns.of(rewards);
            double[] powers = new double[credit.length];
            Arrays.setAll(powers, t -> credit[t] * Math.pow(0.9, t));
            double[] lengths = returns.of(masks[b]);
            double[] normalised = new double[credit.length];
            Arrays.setAll(normalised, t -> credit[t] / lengths[t]);

            near(new Credit.Returns(0, false).of(rewards), row(vector.out("gamma0"), b));
            near(credit, row(vector.out("correct_gamma0.9_nonorm"), b));
            near(powers, row(vector.out("gamma0.9_nonorm"), b));
            near(normalised, row(vector.out("gamma0.9_norm"), b));
        }
    }

    @Test
    void prefixWeights_areThoseOfIwOpd() {
        KdVector vector = KdVector.of("iw_opd_weights");
        Credit.PrefixWeighted credit = new Credit.PrefixWeighted(0.5);
        double loss = 0;
        for (int b = 0; b < 2; b++) {
            double[] student = row(vector.in("student_logp"), b);
            double[] rewards = new Rewards(1, Double.POSITIVE_INFINITY).of(row(vector.in("teacher_logp"), b), student);
            double[] found = credit.of(rewards);
            for (int t = 0; t < found.length; t++) {
                loss -= found[t] * student[t] / 6;
            }

            near(rewards, row(vector.out("a"), b));
            near(credit.weights(rewards), row(vector.out("w"), b));
        }
        assertThat(loss).isCloseTo(vector.out("loss_value").asDouble(), within(1e-9));
    }

    /** Row b of a padded matrix, without its padding. */
    private static double[] row(JsonNode matrix, int b) {
        return Arrays.copyOf(KdVector.numbers(matrix.get(b)), LENGTHS[b]);
    }

    private static double[] concat(double[]... rows) {
        return Arrays.stream(rows).flatMapToDouble(Arrays::stream).toArray();
    }

    private static void near(double[] actual, double[] expected) {
        assertThat(actual).containsExactly(expected, within(1e-9));
    }
}
