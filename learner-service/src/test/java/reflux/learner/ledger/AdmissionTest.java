// SPDX-License-Identifier: Apache-2.0
package reflux.learner.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class AdmissionTest {
    private final Admission admission = new Admission(4, 2, 1000);

    @Test
    void baseModelLive_admitsStalenessPlusOneBatches() {
        assertThat(admission.admit(0, 0)).isEqualTo(12);
        assertThat(admission.admit(12, 0)).isZero();
    }

    @Test
    void nextVersionLive_admitsOneBatchMore() {
        assertThat(admission.admit(12, 1)).isEqualTo(4);
    }

    @Test
    void limitReached_admitsNothing() {
        assertThat(admission.admit(998, 400)).isEqualTo(2);
        assertThat(admission.admit(1000, 400)).isZero();
    }

    @Test
    void olderVersionLive_admitsNothingAndNeverLess() {
        assertThat(admission.admit(40, 1)).isZero();
    }

    @Test
    void batchOfNone_isRefused() {
        assertThatThrownBy(() -> new Admission(0, 1, 1)).hasMessage("batchSize must be >= 1, was 0");
    }
}
