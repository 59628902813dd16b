// SPDX-License-Identifier: Apache-2.0
package reflux.learner.align;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import reflux.model.text.TokenKind;
import reflux.model.text.Vocabulary;

/** Vocabularies from the spellings that tokenizer files use. */
final class TestVocabulary {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final List<Integer> ends = new ArrayList<>();
    private final List<TokenKind> kinds = new ArrayList<>();

    /** SentencePiece with byte fallback: {@code ▁} is a space, {@code <0xHH>} a byte. */
    static Vocabulary sentencePiece(String end, List<String> pieces) {
        TestVocabulary vocabulary = new TestVocabulary();
        pieces.forEach(piece -> vocabulary.add(piece.equals(end), sentencePieceBytes(piece)));
        return vocabulary.build();
    }

    /** Byte-level BPE in GPT-2's printable alphabet. */
    static Vocabulary byteLevel(String end, List<String> pieces) {
        TestVocabulary vocabulary = new TestVocabulary();
        pieces.forEach(piece -> vocabulary.add(piece.equals(end), byteLevelBytes(piece, end)));
        return vocabulary.build();
    }

    private static byte[] sentencePieceBytes(String piece) {
        if (piece.matches("<0x[0-9A-F]{2}>")) {
            return new byte[] {(byte) Integer.parseInt(piece.substring(3, 5), 16)};
        }
        return piece.replace('\u2581', ' ').getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] byteLevelBytes(String piece, String end) {
        if (piece.equals(end)) {
            return new byte[0];
        }
        byte[] bytes = new byte[piece.length()];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) byteOf(piece.charAt(i));
        }
        return bytes;
    }

    private static int byteOf(char letter) {
        int extra = 0;
        for (int value = 0; value < 256; value++) {
            boolean isPrintable = (value >= 33 && value <= 126) || (value >= 161 && value <= 172) || value >= 174;
            int spelled = isPrintable ? value : 256 + extra++;
            if (spelled == letter) {
                return value;
            }
        }
        throw new IllegalArgumentException("no byte is spelled " + letter);
    }

    void add(boolean isEnd, byte[] spelled) {
        if (!isEnd) {
            bytes.writeBytes(spelled);
        }
        ends.add(bytes.size());
        kinds.add(isEnd ? TokenKind.END : TokenKind.TEXT);
    }

    Vocabulary build() {
        byte[] codes = new byte[kinds.size()];
        for (int i = 0; i < codes.length; i++) {
            codes[i] = (byte) kinds.get(i).ordinal();
        }
        return Vocabulary.of(
                bytes.toByteArray(), ends.stream().mapToInt(Integer::intValue).toArray(), codes);
    }
}
