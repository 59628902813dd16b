// SPDX-License-Identifier: Apache-2.0
package reflux.learner.align;

import java.util.Arrays;
import reflux.model.text.TokenIds;
import reflux.model.text.TokenKind;

/** One side's tokens while they are aligned: those before {@code head} are consumed, the open ones wait for a partner. */
final class AlignmentSide {
    private TokenKind[] kinds = new TokenKind[16];
    private int[] ends = new int[16];
    private int size;
    private int head;
    private int cursor;
    private int groupStart;
    private int[] open = new int[8];
    private int openCount;
    private int textTokens;

    void add(TokenKind kind, int end) {
        if (end < lastEnd()) {
            throw new IllegalArgumentException(
                    "token " + size + " ends at byte " + end + ", before its predecessor's end " + lastEnd());
        }
        if (size == ends.length) {
            ends = Arrays.copyOf(ends, size * 2);
            kinds = Arrays.copyOf(kinds, size * 2);
        }
        ends[size] = end;
        kinds[size++] = kind;
        if (kind == TokenKind.TEXT) {
            textTokens++;
        }
    }

    /** Moves the head past tokens that cover nothing; false if no token is left. */
    boolean skipEmpty() {
        while (head < size && kinds[head] != TokenKind.END && isEmpty(head)) {
            head++;
        }
        return head < size;
    }

    int head() {
        return head;
    }

    TokenKind headKind() {
        return kinds[head];
    }

    int headEnd() {
        return ends[head];
    }

    void skip() {
        head++;
    }

    /** Takes the head into the open group. */
    void open() {
        if (openCount == 0) {
            groupStart = cursor;
        }
        if (openCount == open.length) {
            open = Arrays.copyOf(open, openCount * 2);
        }
        open[openCount++] = head;
        cursor = ends[head++];
    }

    /** Ends the open group and returns its tokens. */
    TokenIds close() {
        TokenIds tokens = TokenIds.of(Arrays.copyOf(open, openCount));
        openCount = 0;
        return tokens;
    }

    boolean isOpen() {
        return openCount > 0;
    }

    int cursor() {
        return cursor;
    }

    int groupStart() {
        return groupStart;
    }

    int lastEnd() {
        return size == 0 ? 0 : ends[size - 1];
    }

    int textTokens() {
        return textTokens;
    }

    /** Text tokens of the open group and all that were not reached. */
    TokenIds leftover() {
        int[] tokens = Arrays.copyOf(open, openCount + size - head);
        int count = openCount;
        for (int i = head; i < size; i++) {
            if (kinds[i] == TokenKind.TEXT && !isEmpty(i)) {
                tokens[count++] = i;
            }
        }
        return TokenIds.of(Arrays.copyOf(tokens, count));
    }

    private boolean isEmpty(int token) {
        return kinds[token] == TokenKind.CONTROL || ends[token] == (token == 0 ? 0 : ends[token - 1]);
    }
}
