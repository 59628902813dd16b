// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.align;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class TextPiecesTest {
    private static final String SENTENCE = "Forty characters, and the space to come. ";

    @Test
    void paragraphs_areKeptWholeWhereTheyFit() {
        String paragraph = SENTENCE.repeat(12).strip();
        String text = (paragraph + "\n\n").repeat(6);

        assertThat(TextPieces.of(text)).hasSize(3).containsOnly(paragraph + "\n\n" + paragraph);
    }

    @Test
    void longParagraph_isCutAtSentences() {
        assertThat(TextPieces.of(SENTENCE.repeat(100))).hasSize(3).allSatisfy(piece -> assertThat(piece)
                .startsWith("Forty")
                .endsWith("come.")
                .hasSizeBetween(TextPieces.LEAST, TextPieces.MOST));
    }

    @Test
    void textWithoutBorders_isCutAnywhereButInACharacter() {
        List<String> pieces = TextPieces.of("x" + "🙂".repeat(2000));

        assertThat(pieces.stream().map(String::length)).containsExactly(1399, 1400, 1202);
        assertThat(pieces).noneMatch(piece -> Character.isHighSurrogate(piece.charAt(piece.length() - 1)));
    }

    @Test
    void shortText_isOnePiece() {
        assertThat(TextPieces.of(" short\n")).containsExactly("short");
        assertThat(TextPieces.of(" \n")).isEmpty();
    }
}
