// SPDX-License-Identifier: Apache-2.0
package reflux.learner.align;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import reflux.model.text.TokenKind;
import reflux.model.text.Vocabulary;

/**
 * Tokens as tokenizer files spell them, from nothing but their bytes. A vocabulary with byte fallback, which spells all 256
 * bytes in a row of ids and some of them by another id too, is SentencePiece: a space is U+2581, a fallback byte is
 * {@code <0xHH>}. All others are byte-level: each byte is a letter of GPT-2's alphabet.
 */
final class PieceSpelling {
    private static final int BYTES = 256;

    private final Vocabulary vocabulary;
    private final int fallback;

    PieceSpelling(Vocabulary vocabulary) {
        this.vocabulary = vocabulary;
        int block = VocabularyMap.fallbackBlock(vocabulary);
        this.fallback = block >= 0 && hasOtherSingleBytes(vocabulary, block) ? block : -1;
    }

    private static boolean hasOtherSingleBytes(Vocabulary vocabulary, int block) {
        for (int id = 0; id < vocabulary.size(); id++) {
            boolean isOutside = id < block || id >= block + BYTES;
            if (isOutside && vocabulary.kind(id) == TokenKind.TEXT && vocabulary.length(id) == 1) {
                return true;
            }
        }
        return false;
    }

    boolean isSentencePiece() {
        return fallback >= 0;
    }

    /** The spelling; tokens that spell no bytes have one of their own each. */
    String piece(int id) {
        if (vocabulary.kind(id) != TokenKind.TEXT) {
            return vocabulary.kind(id) == TokenKind.END ? end(id) : "<control " + id + ">";
        }
        byte[] bytes = vocabulary.bytes(id);
        if (!isSentencePiece()) {
            return byteLevel(bytes);
        }
        return id >= fallback && id < fallback + BYTES
                ? String.format(Locale.ROOT, "<0x%02X>", bytes[0] & 0xFF)
                : text(bytes).replace(' ', '\u2581');
    }

    /** The spelling of the first end-of-sequence token. */
    String end() {
        return end(vocabulary.endId());
    }

    private static String end(int id) {
        return "<end " + id + ">";
    }

    /** Normal pieces of SentencePiece are whole characters; where one is not, its bytes stand for themselves. */
    private static String text(byte[] bytes) {
        try {
            CharBuffer text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            return text.toString();
        } catch (CharacterCodingException e) {
            return new String(bytes, StandardCharsets.ISO_8859_1);
        }
    }

    /** Bytes 33-126, 161-172 and 174-255 stand for themselves, the other 68, in increasing order, are U+0100 to U+0143. */
    private static String byteLevel(byte[] bytes) {
        StringBuilder spelled = new StringBuilder(bytes.length);
        for (byte value : bytes) {
            spelled.append(letter(value & 0xFF));
        }
        return spelled.toString();
    }

    private static char letter(int value) {
        if (value <= 32) {
            return (char) (0x100 + value);
        } else if (value >= 127 && value <= 160) {
            return (char) (0x100 + 33 + value - 127);
        }
        return value == 173 ? '\u0143' : (char) value;
    }
}
