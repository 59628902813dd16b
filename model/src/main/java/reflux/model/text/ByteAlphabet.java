// SPDX-License-Identifier: Apache-2.0
package reflux.model.text;

import java.io.ByteArrayOutputStream;

/**
 * GPT-2's alphabet: one printable character for each byte. Bytes 33-126, 161-172 and 174-255 stand for themselves, the other
 * 68, in increasing order, are U+0100 to U+0143.
 */
final class ByteAlphabet {
    private static final int LIMIT = 0x144;
    private static final char[] CHARACTERS = new char[256];
    private static final int[] BYTES = new int[LIMIT];

    static {
        java.util.Arrays.fill(BYTES, -1);
        char next = 0x100;
        for (int b = 0; b < 256; b++) {
            boolean printable = (b >= 33 && b <= 126) || (b >= 161 && b <= 172) || b >= 174;
            char character = printable ? (char) b : next++;
            CHARACTERS[b] = character;
            BYTES[character] = b;
        }
    }

    private ByteAlphabet() {}

    static char character(int unsignedByte) {
        return CHARACTERS[unsignedByte];
    }

    /** The UTF-8 bytes of a text, each as its character. */
    static String spell(byte[] utf8) {
        StringBuilder spelled = new StringBuilder(utf8.length);
        for (byte b : utf8) {
            spelled.append(CHARACTERS[b & 0xFF]);
        }
        return spelled.toString();
    }

    static boolean covers(String piece) {
        return piece.chars().allMatch(c -> c < LIMIT && BYTES[c] >= 0);
    }

    /** The bytes of a piece; throws {@code IllegalArgumentException} for a character outside the alphabet. */
    static byte[] bytes(String piece) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(piece.length());
        for (int i = 0; i < piece.length(); i++) {
            char c = piece.charAt(i);
            if (c >= LIMIT || BYTES[c] < 0) {
                throw new IllegalArgumentException("'" + piece + "' is not written in the byte-level alphabet");
            }
            bytes.write(BYTES[c]);
        }
        return bytes.toByteArray();
    }
}
