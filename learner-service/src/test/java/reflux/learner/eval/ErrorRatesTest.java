// SPDX-License-Identifier: Apache-2.0
package reflux.learner.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class ErrorRatesTest {
    @Test
    void exactResponses_haveNoErrors() {
        ErrorRates rates = rates(List.of(item("HH AH0 L OW1")), List.of(" HH AH0  L OW1 "));

        assertThat(rates).isEqualTo(new ErrorRates(0, 0, 1));
    }

    @Test
    void oneReplacedOneMissingOneExtra_countOneEach() {
        ErrorRates rates = rates(
                List.of(item("A B C D"), item("A B C D"), item("A B C D")), List.of("A X C D", "A C D", "A B C D E"));

        assertThat(rates.per()).isCloseTo(3 / 12.0, within(1e-12));
        assertThat(rates.wer()).isEqualTo(1);
    }

    @Test
    void severalReferences_theClosestCountsAndGivesTheLength() {
        ErrorRates rates = rates(List.of(item("A B", "A B C D E", "X Y")), List.of("A B C D"));

        assertThat(rates.per()).isCloseTo(1 / 5.0, within(1e-12));
    }

    @Test
    void rates_poolUnitsAndNotMeansOfMeans() {
        ErrorRates rates = rates(List.of(item("A"), item("A B C D E F G H I")), List.of("X", "A B C D E F G H I"));

        assertThat(rates.per()).isCloseTo(1 / 10.0, within(1e-12));
        assertThat(rates.wer()).isCloseTo(1 / 2.0, within(1e-12));
    }

    @Test
    void emptyResponse_costsTheWholeReference() {
        assertThat(rates(List.of(item("A B C")), List.of("")).per()).isEqualTo(1);
    }

    @Test
    void edits_areSymmetric() {
        String[] kitten = "k i t t e n".split(" ");
        String[] sitting = "s i t t i n g".split(" ");

        assertThat(ErrorRates.edits(kitten, sitting)).isEqualTo(3);
        assertThat(ErrorRates.edits(sitting, kitten)).isEqualTo(3);
    }

    @Test
    void otherCount_isRefused() {
        assertThatThrownBy(() -> rates(List.of(item("A")), List.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("has 0 and 1");
    }

    private static ErrorRates rates(List<EvalItem> items, List<String> responses) {
        return ErrorRates.of(items, responses);
    }

    private static EvalItem item(String... references) {
        return new EvalItem("prompt", List.of(references));
    }
}
