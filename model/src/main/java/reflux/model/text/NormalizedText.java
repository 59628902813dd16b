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
    private static final byte[] META_SPACE = Spelling.utf8(BpeStyle.META_SPACE);

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

    /**
     * A text that tokens spell in a form. What they spell is trusted, not Java's normalization, whose Unicode may be older than the
     * tokenizer's: a piece of the text is found in it as its normal form, as itself (beside an added token), or with its marks in
     * another order. From the first piece on that is not found, the text stands as it is.
     */
    static NormalizedText of(String text, Normalizer.Form form, String spelled) {
        if (text.equals(spelled)) {
            return unchanged(text);
        }
        StringBuilder joined = new StringBuilder(spelled.length());
        int[] origins = new int[bytes(spelled) + bytes(text) + 1];
        int origin = 0;
        int target = 0;
        int from = 0;
        while (from < text.length()) {
            int to = nextBorder(text, from);
            String segment = text.substring(from, to);
            String changed = inSpelling(segment, form, spelled, joined.length());
            int length = bytes(segment);
            int changedLength = bytes(changed);
            for (int i = 1; i <= changedLength; i++) {
                origins[target + i] = origin + (changed.equals(segment) ? i : length);
            }
            joined.append(changed);
            origin += length;
            target += changedLength;
            from = to;
        }
        return new NormalizedText(joined.toString(), Arrays.copyOf(origins, target + 1));
    }

    private static int bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    private static String inSpelling(String segment, Normalizer.Form form, String spelled, int at) {
        String normal = Normalizer.normalize(segment, form);
        if (spelled.startsWith(normal, at) || spelled.startsWith(segment, at) || at >= spelled.length()) {
            return spelled.startsWith(normal, at) ? normal : segment;
        }
        String there = spelled.substring(at, nextBorder(spelled, at));
        return Arrays.equals(characters(there), characters(segment)) ? there : segment;
    }

    /** Sorted, decomposed. */
    private static int[] characters(String segment) {
        return Normalizer.normalize(segment, Normalizer.Form.NFD)
                .codePoints()
                .sorted()
                .toArray();
    }

    /** The next place where the text may be cut without changing what normalization makes of it; unassigned ones may be new marks. */
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
                    case Character.NON_SPACING_MARK,
                            Character.COMBINING_SPACING_MARK,
                            Character.ENCLOSING_MARK,
                            Character.UNASSIGNED -> true;
                    default -> false;
                };
    }

    String text() {
        return text;
    }

    int length() {
        return bytes.length;
    }

    /**
     * The border up to which {@code piece}, from {@code skip} on, spells the text from {@code at} on; -1 if it does not.
     *
     * @param metaSpace whether a space in the piece may also stand for U+2581 in the text
     */
    int spelledUpTo(int at, byte[] piece, int skip, boolean metaSpace) {
        int border = at;
        for (int i = skip; i < piece.length; i++) {
            if (border < bytes.length && bytes[border] == piece[i]) {
                border++;
            } else if (metaSpace && piece[i] == ' ' && startsWithMetaSpace(border)) {
                border += META_SPACE.length;
            } else {
                return -1;
            }
        }
        return border;
    }

    private boolean startsWithMetaSpace(int at) {
        int end = at + META_SPACE.length;
        return end <= bytes.length && Arrays.equals(bytes, at, end, META_SPACE, 0, META_SPACE.length);
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
