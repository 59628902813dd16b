// SPDX-License-Identifier: Apache-2.0
package reflux.generator.sampling;

import java.nio.charset.StandardCharsets;
import java.util.List;

/** Finds the stop texts of a rollout in its bytes, so that a text may begin or end inside a token. Immutable. */
final class StopTexts {
    private final List<byte[]> texts;
    private final int longest;

    StopTexts(List<String> texts) {
        this.texts = texts.stream()
                .map(text -> text.getBytes(StandardCharsets.UTF_8))
                .toList();
        this.longest = this.texts.stream().mapToInt(text -> text.length).max().orElse(0);
    }

    /** Bytes at the end of a response that may still turn out to belong to a stop text. */
    int heldBack() {
        return Math.max(0, longest - 1);
    }

    /**
     * Where the earliest stop text begins that ends after {@code known}, or -1.
     *
     * @param known bytes that were searched before
     * @param length bytes of the response in {@code bytes}
     */
    int find(byte[] bytes, int known, int length) {
        for (int start = Math.max(0, known - heldBack()); start < length; start++) {
            for (byte[] text : texts) {
                if (start + text.length > known && startsAt(bytes, start, length, text)) {
                    return start;
                }
            }
        }
        return -1;
    }

    private static boolean startsAt(byte[] bytes, int start, int length, byte[] text) {
        if (start + text.length > length) {
            return false;
        }
        for (int i = 0; i < text.length; i++) {
            if (bytes[start + i] != text[i]) {
                return false;
            }
        }
        return true;
    }
}
