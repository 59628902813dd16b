// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.compare;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrainingRunTest {
    @ParameterizedTest
    @CsvSource({"0.001,1e-3", "0.003,3e-3", "0.0025,2.5e-3", "1,1e0", "10,1e1", "0.00012,1.2e-4"})
    void rate_isWrittenShort(double rate, String text) {
        assertThat(TrainingRun.rateText(rate)).isEqualTo(text);
    }
}
