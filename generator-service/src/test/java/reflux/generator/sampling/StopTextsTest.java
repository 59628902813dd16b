// SPDX-License-Identifier: Apache-2.0
package reflux.generator.sampling;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class StopTextsTest {
    @Test
    void noStopTexts_neverFindAndHoldNothingBack() {
        StopTexts none = new StopTexts(List.of());

        assertThat(none.find(bytes("anything"), 0, 8)).isEqualTo(-1);
        assertThat(none.heldBack()).isZero();
    }

    @Test
    void textWithinOneToken_isFoundWhereItBegins() {
        assertThat(new StopTexts(List.of("END")).find(bytes("abENDcd"), 0, 7)).isEqualTo(2);
    }

    @Test
    void textOverTwoTokens_isFoundWhenItIsWhole() {
        StopTexts stops = new StopTexts(List.of("END"));

        assertThat(stops.find(bytes("abEN"), 2, 4)).isEqualTo(-1);
        assertThat(stops.find(bytes("abEND"), 4, 5)).isEqualTo(2);
    }

    @Test
    void bytesBeyondLength_areNotRead() {
        assertThat(new StopTexts(List.of("END")).find(bytes("abEND"), 0, 4)).isEqualTo(-1);
    }

    @Test
    void severalTexts_earliestBeginWins() {
        assertThat(new StopTexts(List.of("d", "bc")).find(bytes("abcd"), 0, 4)).isEqualTo(1);
    }

    @Test
    void textThatEndedBefore_isNotFoundAgain() {
        assertThat(new StopTexts(List.of("ab", "xyz")).find(bytes("abcd"), 2, 4))
                .isEqualTo(-1);
    }

    @Test
    void multiByteText_isFoundByItsBytes() {
        StopTexts stops = new StopTexts(List.of("é"));

        assertThat(stops.heldBack()).isEqualTo(1);
        assertThat(stops.find(bytes("xé"), 2, 3)).isEqualTo(1);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
