// SPDX-License-Identifier: Apache-2.0
package reflux.learner.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import reflux.learner.policy.PpoClip;

class PolicySumsTest {
    @Test
    void twoTokens_areSummedTermByTerm() {
        PolicySums sums = new PolicySums();

        sums.add(new PpoClip.Move(0.5, -2, 1.5), -1, -3, -2.5);
        sums.add(new PpoClip.Move(-0.25, 0, 0.5), -4, -3.5, -3);
        Terms terms = sums.terms(0.1);

        assertThat(terms.loss()).isCloseTo(0.025, within(1e-12));
        assertThat(terms.value("pg")).isCloseTo(0.125, within(1e-12));
        assertThat(terms.value("reward")).isCloseTo((2 - 0.5) / 2, within(1e-12));
        assertThat(terms.value("reverse_kl_k3"))
                .isCloseTo((Math.exp(2) - 1 - 2 + Math.exp(-0.5) - 1 + 0.5) / 2, within(1e-12));
        assertThat(terms.value("drift_k3")).isCloseTo(Math.exp(0.5) - 1 - 0.5, within(1e-12));
        assertThat(terms.value("stopped")).isEqualTo(0.5);
        assertThat(terms.value(Terms.IMPORTANCE)).isEqualTo(1);
        assertThat(terms.value(Terms.IMPORTANCE_SQUARED)).isEqualTo(1.25);
        assertThat(terms.values().get("effective_samples")).isCloseTo(4 / 2.5, within(1e-12));
    }
}
