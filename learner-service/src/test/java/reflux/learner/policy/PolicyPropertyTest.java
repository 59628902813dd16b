// SPDX-License-Identifier: Apache-2.0
package reflux.learner.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What holds of rewards, credit, whitening and clip for any numbers; seeds 1 to 5. */
class PolicyPropertyTest {
    private static final double INFINITE = Double.POSITIVE_INFINITY;

    @Test
    void rewards_areTheScaledGapWithinTheLimit() {
        Rewards rewards = new Rewards(0.5, 3);

        assertThat(rewards.of(new double[] {-1, -1, -1}, new double[] {-2, -9, 5}))
                .containsExactly(2, 3, -3);
    }

    @Test
    void returns_followTheirRecursion() {
        double[] rewards = gaussian(1, 40);
        double[] returns = new Credit.Returns(0.9, false).of(rewards);
        double[] normalised = new Credit.Returns(0.9, true).of(rewards);

        for (int t = 0; t < 40; t++) {
            double next = t == 39 ? 0 : returns[t + 1];
            assertThat(returns[t]).isCloseTo(rewards[t] + 0.9 * next, within(1e-12));
            assertThat(normalised[t] * (40 - t)).isCloseTo(returns[t], within(1e-12));
        }
        assertThat(new Credit.Returns(0, false).of(rewards)).containsExactly(rewards);
    }

    @Test
    void prefixWeights_fallFromTheFirstTokenAndNeverBelowOne() {
        Credit.PrefixWeighted credit = new Credit.PrefixWeighted(0.5);
        double[] weights = credit.weights(gaussian(2, 30));

        assertThat(weights[0]).isEqualTo(1.5);
        for (int t = 1; t < 30; t++) {
            assertThat(weights[t]).isBetween(1.0, weights[t - 1]);
        }
        assertThat(credit.weights(new double[3])).containsOnly(1.5);
        assertThat(credit.of(new double[3])).containsOnly(0);
    }

    @Test
    void whitened_haveMeanZeroAndVarianceOneHoweverTheyAreSummed() {
        double[] all = Arrays.stream(gaussian(3, 50)).map(x -> 7 + 3 * x).toArray();
        double[] first = Arrays.copyOf(all, 13);
        double[] rest = Arrays.copyOfRange(all, 13, 50);
        Moments whole = Moments.of(all);
        Moments parts = new Moments(
                50,
                Moments.of(first).sum() + Moments.of(rest).sum(),
                Moments.of(first).squares() + Moments.of(rest).squares());

        double[] white = whole.whiten(all);

        assertThat(Moments.of(white).sum()).isCloseTo(0, within(1e-9));
        assertThat(Moments.of(white).squares() / 50).isCloseTo(1, within(1e-8));
        assertThat(parts.whiten(first)).containsExactly(Arrays.copyOf(white, 13), within(1e-12));
    }

    @Test
    void equalNumbers_whitenToZero() {
        assertThat(Moments.of(new double[] {0.1, 0.1, 0.1}).whiten(new double[] {0.1}))
                .containsExactly(new double[] {0}, within(1e-8));
    }

    /** The slope is that of the value by ln q, wherever the weight is not cut. */
    @Test
    void slope_isThatOfTheValue() {
        PpoClip clip = new PpoClip(0.2, INFINITE);
        Random random = new Random(4);
        for (int i = 0; i < 1000; i++) {
            double advantage = random.nextGaussian();
            double live = -3 * random.nextDouble();
            double behaviour = live + random.nextGaussian() / 2;
            double up = clip.move(advantage, live + 1e-6, behaviour).value();
            double down = clip.move(advantage, live - 1e-6, behaviour).value();
            double ratio = Math.exp(live - behaviour);
            if (Math.abs(ratio - 1.2) > 1e-4 && Math.abs(ratio - 0.8) > 1e-4) {
                assertThat(clip.move(advantage, live, behaviour).slope()).isCloseTo((up - down) / 2e-6, within(1e-7));
            }
        }
    }

    @Test
    void tokenThatMovedFarTheRightWay_hasNoGradient() {
        PpoClip clip = new PpoClip(0.2, 2);

        assertThat(clip.move(1, -1, -1.5)).isEqualTo(new PpoClip.Move(-1.2, 0, Math.exp(0.5)));
        assertThat(clip.move(-1, -1.5, -1)).isEqualTo(new PpoClip.Move(0.8, 0, Math.exp(-0.5)));
        assertThat(clip.move(1, -1, -1)).isEqualTo(new PpoClip.Move(-1, -1, 1));
    }

    @Test
    void tokenThatMovedFarTheWrongWay_weighsAtMostTheLimit() {
        assertThat(new PpoClip(0.2, 2).move(-1, 0, -9)).isEqualTo(new PpoClip.Move(2, 2, 2));
        assertThat(new PpoClip(0.2, INFINITE).move(-1, 0, -90).weight()).isEqualTo(Math.exp(20));
        assertThat(new PpoClip(0.2, INFINITE).move(1, -90, 0).weight()).isEqualTo(Math.exp(-20));
    }

    /** The mean of k3 over samples of a is KL(a‖b). */
    @Test
    void k3_isUnbiasedAndNeverNegative() {
        double[] a = {0.1, 0.2, 0.3, 0.4};
        double[] b = {0.4, 0.3, 0.2, 0.1};
        double kl = 0;
        double mean = 0;
        for (int i = 0; i < 4; i++) {
            kl += a[i] * Math.log(a[i] / b[i]);
            mean += a[i] * KlEstimate.k3(Math.log(b[i] / a[i]));
            assertThat(KlEstimate.k3(gaussian(5, 4)[i])).isNotNegative();
        }
        assertThat(mean).isCloseTo(kl, within(1e-12));
    }

    @Test
    void numbersOutOfRange_areRefused() {
        assertThatThrownBy(() -> new Rewards(0, 1)).hasMessageContaining("scaling must be > 0, was 0");
        assertThatThrownBy(() -> new Rewards(1, 0)).hasMessageContaining("limit must be > 0, was 0");
        assertThatThrownBy(() -> new Credit.Returns(1.1, true)).hasMessageContaining("gamma must be in [0, 1]");
        assertThatThrownBy(() -> new Credit.PrefixWeighted(-0.1)).hasMessageContaining("gamma must be in [0, 1]");
        assertThatThrownBy(() -> new PpoClip(0, 2)).hasMessageContaining("range must be > 0");
        assertThatThrownBy(() -> new PpoClip(0.2, 0.9)).hasMessageContaining("weightLimit must be at least 1");
    }

    private static double[] gaussian(long seed, int count) {
        Random random = new Random(seed);
        double[] values = new double[count];
        Arrays.setAll(values, i -> random.nextGaussian());
        return values;
    }
}
