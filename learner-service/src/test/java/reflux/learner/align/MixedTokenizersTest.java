// SPDX-License-Identifier: Apache-2.0
package reflux.learner.align;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import reflux.model.text.Vocabulary;

/**
 * Texts on which the published scan loses nearly all: a byte-level tokenizer against a SentencePiece one, at newlines,
 * accents, Chinese and emoji. The aligner must find at least 99 % of the byte boundaries that both sides share.
 */
class MixedTokenizersTest {
    private static final String WORDS = " the quick brown fox jumps over a lazy dog today";

    /** A text, and how each side cuts it: pieces are separated by '|' in the text. */
    record Case(String name, String teacher, String student, int scanAtMost) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Case> cases() {
        String words = WORDS.replace(" ", "| ");
        String line = "And" + words;
        String lines = (line + "|\n|").repeat(9) + line;
        return Stream.of(
                new Case("one line", line, line, 12),
                new Case("ten lines", lines, lines, 11),
                new Case("accent", "caf|é" + words.repeat(8), "ca|fé" + words.repeat(8), 1),
                new Case("accent in two bytes", "n|ä|h" + words.repeat(8), "n|äh" + words.repeat(8), 1),
                new Case("Chinese", "你好|世界|今天|很好" + words.repeat(9), "你|好|世|界|今|天|很|好" + words.repeat(9), 0),
                new Case("emoji", "Hi| 🙂|!|" + words, "Hi| 🙂|!|" + words, 1),
                new Case(
                        "one word split",
                        "And| t|he| dog|" + words.repeat(9),
                        "And| th|e| dog|" + words.repeat(9),
                        200),
                new Case("double newline", (line + "|\n\n|").repeat(9), (line + "|\n|\n|").repeat(9), 12));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void mixedTokenizers_shareAlmostAllBoundaries(Case example) {
        List<String> teacherPieces = byteLevel(example.teacher());
        List<String> studentPieces = sentencePiece(example.student());
        TokenSpans teacher = spans(TestVocabulary.byteLevel("<end>", teacherPieces), teacherPieces.size(), 0);
        TokenSpans student = spans(TestVocabulary.sentencePiece("</s>", studentPieces), studentPieces.size(), 1);
        Set<Integer> shared = boundaries(teacher);
        shared.retainAll(boundaries(student));

        Alignment alignment = TokenAligner.align(teacher, student);
        List<TokenPair> scanned = PublishedScan.align(teacherPieces, "<end>", studentPieces, "</s>");

        double found = alignment.groups().stream()
                .filter(group -> shared.contains(group.endByte()))
                .count();
        assertThat(found / shared.size()).isGreaterThanOrEqualTo(0.99);
        assertThat(alignment.endPairs()).hasSize(1);
        assertThat(scanned.size()).isLessThanOrEqualTo(example.scanAtMost());
    }

    /** GPT-2's spelling: each byte a printable letter. */
    private static List<String> byteLevel(String cut) {
        List<String> pieces = new ArrayList<>();
        for (String text : cut.split("\\|+")) {
            StringBuilder piece = new StringBuilder();
            for (byte value : text.getBytes(StandardCharsets.UTF_8)) {
                piece.append(letter(Byte.toUnsignedInt(value)));
            }
            pieces.add(piece.toString());
        }
        pieces.add("<end>");
        return pieces;
    }

    private static char letter(int value) {
        int extra = 0;
        for (int other = 0; other <= value; other++) {
            boolean isPrintable = (other >= 33 && other <= 126) || (other >= 161 && other <= 172) || other >= 174;
            if (other == value) {
                return (char) (isPrintable ? value : 256 + extra);
            }
            extra += isPrintable ? 0 : 1;
        }
        throw new IllegalArgumentException("no byte: " + value);
    }

    /** SentencePiece's spelling with a dummy space in front; newlines and emoji fall back to bytes. */
    private static List<String> sentencePiece(String cut) {
        List<String> pieces = new ArrayList<>();
        for (String text : (" " + cut).split("\\|+")) {
            boolean isFallback = text.contains("\n") || text.contains("🙂");
            if (isFallback) {
                text.codePoints().forEach(letter -> fallBack(letter, pieces));
            } else {
                pieces.add(text.replace(' ', '\u2581'));
            }
        }
        pieces.add("</s>");
        return pieces;
    }

    private static void fallBack(int letter, List<String> into) {
        if (letter == ' ') {
            into.add("\u2581");
            return;
        }
        for (byte value : Character.toString(letter).getBytes(StandardCharsets.UTF_8)) {
            into.add(String.format("<0x%02X>", value));
        }
    }

    private static TokenSpans spans(Vocabulary vocabulary, int tokens, int dropped) {
        int[] ids = IntStream.range(0, tokens).toArray();
        int[] ends =
                IntStream.of(vocabulary.ends(ids)).map(end -> end - dropped).toArray();
        return TokenSpans.tokenized(vocabulary, ids, ends, ends[tokens - 1]);
    }

    private static Set<Integer> boundaries(TokenSpans spans) {
        Set<Integer> ends = new HashSet<>();
        for (int i = 0; i < spans.size(); i++) {
            if (spans.end(i) > spans.start(i)) {
                ends.add(spans.end(i));
            }
        }
        return ends;
    }
}
