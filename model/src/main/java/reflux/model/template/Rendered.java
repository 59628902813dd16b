// SPDX-License-Identifier: Apache-2.0
package reflux.model.template;

import static java.util.Objects.requireNonNull;

import java.util.List;

/**
 * A rendered conversation. Offsets are UTF-16 indices of {@code text}.
 *
 * @param generated what stood between {@code generation} and {@code endgeneration}, in order
 */
public record Rendered(String text, String marks, List<Range> generated) {
    /** From {@code start} to before {@code end}. */
    public record Range(int start, int end) {}

    public Rendered {
        requireNonNull(text, "text is null");
        if (marks.length() != text.length()) {
            throw new IllegalArgumentException("marks must be " + text.length() + ", were " + marks.length());
        }
        generated = List.copyOf(generated);
    }

    /** Who wrote the character at an index. */
    public Origin origin(int index) {
        return Origin.of(marks.charAt(index));
    }
}
