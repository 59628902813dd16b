// SPDX-License-Identifier: Apache-2.0
package reflux.model.text;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.Arrays;
import java.util.Optional;

/**
 * A text after Unicode normalization, knowing where each of its bytes comes from. Pieces of text that normalization changes
 * have no inner borders: a token that ends within one is said to end where it ends.
 */
final class NormalizedText {
    private final String text;
    private final byte[] bytes;
    /** For each border between bytes of the normalized text the border in the original one; empty = the same. */
    private final int[] origins;

    private NormalizedText(String text, int[] origins) {
        this.text = text;
        this.bytes = text.getBytes(StandardCharsets.UTF_8);
        this.origins = origins;
    }

    /** The form that a tokenizer's normalizer asks for. */
    static Optional<Normalizer.Form> form(JsonNode tokenizer) {
        return Arrays.stream(Normalizer.Form.values())
                .filter(form -> Spelling.has(tokenizer.path("normalizer"), form.name()))
                .findFirst();
    }

    static NormalizedText unchanged(String text) {
        return new NormalizedText(text, new int[0]);
    }

    static NormalizedText of(String text, Normalizer.Form form) {
        if (Normalizer.isNormalized(text, form)) {
            return unchanged(text);
        }
        String normalized = Normalizer.normalize(text, form);
        int[] origins = new int[normalized.getBytes(StandardCharsets.UTF_8).length + 1];
        int from = 0;
        int origin = 0;
        int target = 0;
        StringBuilder joined = new StringBuilder(normalized.length());
        while (from < text.length()) {
            int to = nextBorder(text, from);
            String segment = text.substring(from, to);
            String changed = Normalizer.normalize(segment, form);
            joined.append(changed);
            int length = segment.getBytes(StandardCharsets.UTF_8).length;
            int changedLength = changed.getBytes(StandardCharsets.UTF_8).length;
            for (int i = 1; i <= changedLength && target + i < origins.length; i++) {
                origins[target + i] = origin + (changed.equals(segment) ? i : length);
            }
            origin += length;
            target += changedLength;
            from = to;
        }
        return joined.toString().equals(normalized)
                ? new NormalizedText(normalized, origins)
                : new NormalizedText(normalized, asOneSegment(origins, origin));
    }

    private static int[] asOneSegment(int[] origins, int length) {
        Arrays.fill(origins, length);
        origins[0] = 0;
        return origins;
    }

    /** The next place where the text may be cut without changing what normalization makes of it. */
    private static int nextBorder(String text, int from) {
        int at = from + Character.charCount(text.codePointAt(from));
        while (at < text.length() && joinsBackwards(text.codePointAt(at))) {
            at += Character.charCount(text.codePointAt(at));
        }
        return at;
    }

    private static boolean joinsBackwards(int codePoint) {
        boolean hangulTail = codePoint >= 0x1160 && codePoint <= 0x11FF;
        return hangulTail
                || switch (Character.getType(codePoint)) {
                    case Character.NON_SPACING_MARK, Character.COMBINING_SPACING_MARK, Character.ENCLOSING_MARK -> true;
                    default -> false;
                };
    }

    String text() {
        return text;
    }

    int length() {
        return bytes.length;
    }

    /** Whether the bytes from {@code at} on begin with those of {@code piece} from {@code skip} on. */
    boolean spells(int at, byte[] piece, int skip) {
        int length = piece.length - skip;
        return at + length <= bytes.length && Arrays.equals(bytes, at, at + length, piece, skip, piece.length);
    }

    boolean isBlank(int from, int to) {
        return new String(bytes, from, to - from, StandardCharsets.UTF_8).isBlank();
    }

    /** The border of the original text (in bytes) that a border of this one (in bytes) comes from. */
    int origin(int border) {
        return origins.length == 0 ? border : origins[border];
    }

    /** For each border between code points the border between bytes. */
    int[] codePointBorders() {
        int[] borders = new int[text.codePointCount(0, text.length()) + 1];
        int next = 0;
        for (int i = 0; i < bytes.length; i++) {
            if ((bytes[i] & 0xC0) != 0x80) {
                borders[next++] = i;
            }
        }
        borders[next] = bytes.length;
        return borders;
    }
}
