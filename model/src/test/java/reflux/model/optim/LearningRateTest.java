// SPDX-License-Identifier: Apache-2.0
package reflux.model.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class LearningRateTest {
    /** PyTorch's CosineAnnealingLR with lr0 = 5e-4, eta_min = 1e-7, T = 10. */
    private static final double[] COSINE = {
        0.0005,
        0.0004877665762479737,
        0.0004522637977440182,
        0.0003969669238105037,
        0.00032728879774401816,
        0.00025005000000000003,
        0.00017281120225598194,
        0.00010313307618949638,
        4.783620225598192e-05,
        1.2333423752026377e-05,
        1e-07
    };

    @Test
    void cosine_isTorchs() {
        LearningRate rate = LearningRate.cosine(0, 10, 1e-7 / 5e-4);

        for (int step = 0; step <= 10; step++) {
            assertThat(5e-4 * rate.at(step)).isCloseTo(COSINE[step], within(1e-15));
        }
        assertThat(5e-4 * rate.at(11)).isCloseTo(1e-7, within(1e-15));
    }

    @Test
    void warmUp_isALineFromZero() {
        for (LearningRate rate : new LearningRate[] {
            LearningRate.cosine(4, 12, 0.1), LearningRate.linear(4, 12, 0.1), LearningRate.constant(4)
        }) {
            assertThat(rate.at(0)).isZero();
            assertThat(rate.at(1)).isEqualTo(0.25);
            assertThat(rate.at(3)).isEqualTo(0.75);
            assertThat(rate.at(4)).isEqualTo(1);
        }
    }

    @Test
    void linear_endsAtTheFloor() {
        LearningRate rate = LearningRate.linear(4, 12, 0.1);

        assertThat(rate.at(8)).isCloseTo(0.55, within(1e-12));
        assertThat(rate.at(12)).isCloseTo(0.1, within(1e-12));
        assertThat(rate.at(99)).isCloseTo(0.1, within(1e-12));
    }

    @Test
    void constant_staysAtOne() {
        assertThat(LearningRate.constant(0).at(0)).isEqualTo(1);
        assertThat(LearningRate.constant(2).at(1_000_000)).isEqualTo(1);
    }

    @Test
    void impossibleSchedules_areRefused() {
        assertThatThrownBy(() -> LearningRate.cosine(5, 4, 0)).hasMessageContaining("warm-up");
        assertThatThrownBy(() -> LearningRate.linear(0, 4, 1.5)).hasMessageContaining("floor");
    }
}
