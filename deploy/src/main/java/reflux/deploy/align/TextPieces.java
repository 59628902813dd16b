// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.align;

import java.util.ArrayList;
import java.util.List;

/**
 * Cuts a text into pieces of {@value #LEAST} to {@value #MOST} characters, as long as responses are. A piece ends at a paragraph's
 * border; at a line's, a space or anywhere only where paragraphs are longer than that allows. What is left at the end, too short
 * for a piece, is left out, unless it is all there is.
 */
final class TextPieces {
    static final int LEAST = 900;
    static final int MOST = 1400;

    private final List<String> pieces = new ArrayList<>();
    private final StringBuilder open = new StringBuilder();

    private TextPieces() {}

    static List<String> of(String text) {
        TextPieces cut = new TextPieces();
        for (String paragraph : text.split("(?<=\n\n)(?!\n)")) {
            cut.add(paragraph);
        }
        if (cut.pieces.isEmpty() && !text.isBlank()) {
            cut.pieces.add(text.strip());
        }
        return List.copyOf(cut.pieces);
    }

    private void add(String paragraph) {
        String rest = paragraph;
        while (open.length() + rest.length() > MOST) {
            int border = border(rest, MOST - open.length());
            open.append(rest, 0, border);
            rest = rest.substring(border);
            close();
        }
        open.append(rest);
        if (open.toString().strip().length() >= LEAST) {
            close();
        }
    }

    /** Where the first {@code most} characters of a long paragraph are best cut so that the open piece is long enough. */
    private int border(String paragraph, int most) {
        int least = Math.max(1, LEAST + 1 - open.length());
        for (String mark : List.of("\n", ". ", "。", " ")) {
            int at = paragraph.lastIndexOf(mark, most - mark.length());
            if (at + mark.length() >= least) {
                return at + mark.length();
            }
        }
        return Character.isHighSurrogate(paragraph.charAt(most - 1)) ? most - 1 : most;
    }

    private void close() {
        pieces.add(open.toString().strip());
        open.setLength(0);
    }
}
