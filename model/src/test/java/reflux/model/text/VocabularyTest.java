// SPDX-License-Identifier: Apache-2.0
package reflux.model.text;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class VocabularyTest {
    private final Vocabulary vocabulary =
            Vocabulary.of("a\u00e9 b".getBytes(UTF_8), new int[] {0, 1, 3, 3, 5}, new byte[] {2, 0, 0, 1, 0});

    @Test
    void endAndControlTokens_spellNothing() {
        int[] ids = {0, 4, 2, 3};

        assertThat(vocabulary.spell(ids)).isEqualTo(" b\u00e9".getBytes(UTF_8));
        assertThat(vocabulary.ends(ids)).containsExactly(0, 2, 4, 4);
        assertThat(vocabulary.endId()).isEqualTo(3);
        assertThat(vocabulary.kind(0)).isEqualTo(TokenKind.CONTROL);
    }

    @Test
    void leadingSpaceOfTheTokenizer_isNoPartOfTheResponse() {
        int[] ids = {0, 4, 4};

        assertThat(vocabulary.withLeadingSpace(true).spellResponse(ids)).isEqualTo("b b".getBytes(UTF_8));
        assertThat(vocabulary.withLeadingSpace(true).responseEnds(ids)).containsExactly(0, 1, 3);
        assertThat(vocabulary.spellResponse(ids)).isEqualTo(" b b".getBytes(UTF_8));
    }

    /** The expected digest was computed with Python's hashlib over struct.pack("<iii", id, kind, length) + bytes. */
    @Test
    void fingerprint_isTheSameInOtherLanguages() {
        Vocabulary small = Vocabulary.of("a\u00e9".getBytes(UTF_8), new int[] {0, 1, 3, 3}, new byte[] {2, 0, 0, 1});

        assertThat(small.fingerprint()).isEqualTo("86d188e8d60c368fd3ffcb8a407f00a4dbd2843d66ef73db1f3b23869b87f092");
    }

    @Test
    void contradictions_areRefused() {
        assertRefused(new int[] {1}, new byte[] {0, 0}, "ends and kinds must have one size, were 1 and 2");
        assertRefused(new int[] {2, 1}, new byte[] {0, 0}, "ends must not decrease, do at id 1");
        assertRefused(new int[] {1, 2}, new byte[] {0, 4}, "kind of id 1 must be 0, 1, 2 or 3, was 4");
        assertRefused(new int[] {1, 2}, new byte[] {0, 1}, "id 1 is END and must have no bytes");
        assertRefused(new int[] {0, 1}, new byte[] {0, 0}, "ends must end at 2, end at 1");
    }

    private static void assertRefused(int[] ends, byte[] kinds, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Vocabulary.of(new byte[2], ends, kinds))
                .withMessage(message);
    }

    @Test
    void arrays_areCopied() {
        vocabulary.allBytes()[0] = 9;
        vocabulary.allEnds()[0] = 9;
        vocabulary.allKinds()[0] = 9;

        assertThat(vocabulary.bytes(1)).isEqualTo("a".getBytes(UTF_8));
        assertThat(vocabulary.kind(0)).isEqualTo(TokenKind.CONTROL);
    }
}
