// SPDX-License-Identifier: Apache-2.0
package reflux.learner.align;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import reflux.model.text.TokenKind;

/** Random tokenizations of one byte string: cuts anywhere, also within characters, with tokens that cover nothing. */
final class RandomTokens {
    private final Random random;

    RandomTokens(long seed) {
        this.random = new Random(seed);
    }

    /** UTF-8 length of a random text with one- to four-byte characters. */
    int textBytes(int characters) {
        int bytes = 0;
        for (int i = 0; i < characters; i++) {
            bytes += 1 + random.nextInt(4);
        }
        return bytes;
    }

    /** Tokens that cover {@code bytes} bytes; about one byte in {@code meanWidth} is an end, ended by an END token or not. */
    TokenSpans cut(int bytes, int meanWidth) {
        List<Integer> ends = new ArrayList<>();
        List<TokenKind> kinds = new ArrayList<>();
        for (int at = 1; at <= bytes; at++) {
            if (at == bytes || random.nextInt(meanWidth) == 0) {
                add(ends, kinds, at, TokenKind.TEXT);
                while (random.nextInt(8) == 0) {
                    add(ends, kinds, at, random.nextBoolean() ? TokenKind.TEXT : TokenKind.CONTROL);
                }
            }
        }
        if (random.nextBoolean()) {
            add(ends, kinds, bytes, TokenKind.END);
        }
        return TokenSpans.of(
                ends.stream().mapToInt(Integer::intValue).toArray(),
                kinds.toArray(new TokenKind[0]),
                bytes,
                LeadingSpace.KEPT);
    }

    /** Feeds both sides in a random interleaving. */
    Alignment feed(TokenSpans teacher, TokenSpans student) {
        TokenAligner aligner = new TokenAligner();
        int i = 0;
        int j = 0;
        while (i < teacher.size() || j < student.size()) {
            boolean isTeacher = j == student.size() || (i < teacher.size() && random.nextBoolean());
            if (isTeacher) {
                aligner.feedTeacher(teacher.kind(i), teacher.end(i++));
            } else {
                aligner.feedStudent(student.kind(j), student.end(j++));
            }
        }
        return aligner.finish();
    }

    private static void add(List<Integer> ends, List<TokenKind> kinds, int end, TokenKind kind) {
        ends.add(end);
        kinds.add(kind);
    }
}
