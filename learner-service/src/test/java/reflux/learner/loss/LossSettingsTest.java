// SPDX-License-Identifier: Apache-2.0
package reflux.learner.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LossSettingsTest {
    private static final TermCounts STEP = new TermCounts(10, 8, 5, 4);
    private static final LossTerms TERMS = new LossTerms(
            new Term(3, 2), new Term(5, 2), new Term(7, 2), new Term(11, 2), new Term(1, 2), TermCounts.NONE);

    @ParameterizedTest
    @CsvSource({"BOTH, 1", "STUDENT, 1", "TEACHER, 1", "BOTH, 0.5"})
    void share_weighsEachTermByItsOwnCountOfTheStep(Spaces spaces, double threshold) {
        LossSettings settings = new LossSettings(0.75, 1, new ForwardKl(), spaces, threshold, 0);

        double student = spaces == Spaces.TEACHER ? 0 : 0.75;
        double teacher = spaces == Spaces.STUDENT ? 0 : 0.75;
        double agreed = threshold == 1 ? 4 : 5;
        double expected = 0.25 * 3 / 10 + student * 5 / 5 + student * 7 / agreed + teacher * 11 / 5;
        assertThat(settings.share(TERMS, STEP)).isCloseTo(expected, within(1e-12));
    }

    @Test
    void countOfZero_weighsNothing() {
        LossSettings settings = LossSettings.of(0.75, 1, new ForwardKl());

        assertThat(settings.share(TERMS, TermCounts.NONE)).isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "-0.1, 1, 1, 0, kdRatio",
        "1.1, 1, 1, 0, kdRatio",
        "1, 0, 1, 0, temperature",
        "1, Infinity, 1, 0, temperature",
        "1, 1, NaN, 0, agreementThreshold",
        "1, 1, 1, -1, chunkRows"
    })
    void valueOutsideItsRange_isRefused(double ratio, double temperature, double threshold, int rows, String name) {
        assertThatThrownBy(() -> new LossSettings(ratio, temperature, new ForwardKl(), Spaces.BOTH, threshold, rows))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(name);
    }
}
