// SPDX-License-Identifier: Apache-2.0
package reflux.learner.align;

import java.util.ArrayList;
import java.util.List;
import reflux.model.text.TokenKind;

/**
 * Aligns the tokens of two tokenizers over the bytes of one response, in one pass and as they arrive.
 *
 * <p>Feed each side's tokens in order, the two sides interleaved as you like; a group is emitted as soon as both byte
 * cursors meet. The groups are the minimal segmentation at the boundaries that both sides share, so they do not depend on
 * the order of arrival, and swapping the sides swaps them. Each token is looked at a constant number of times; memory is
 * that of the tokens fed.
 *
 * <p>Tokens that cover nothing are skipped. An end-of-sequence token pairs with the other side's if no group is open and
 * both cursors are at the same byte. Deliberate difference from the published scan ({@link PublishedScan}): bytes are
 * compared, not spellings, so one token spelled differently costs that token and not the rest of the response.
 *
 * <p>Not thread-safe; one instance for one response.
 */
public final class TokenAligner {
    private final AlignmentSide teacher = new AlignmentSide();
    private final AlignmentSide student = new AlignmentSide();
    private final List<TokenGroup> groups = new ArrayList<>();
    private final List<TokenPair> endPairs = new ArrayList<>();
    private final int limitBytes;
    private long comparisons;

    /** Aligns the whole response. */
    public TokenAligner() {
        this(Integer.MAX_VALUE);
    }

    /** Aligns the first {@code limitBytes} bytes: what both sides spell rightly. */
    public TokenAligner(int limitBytes) {
        this.limitBytes = limitBytes;
    }

    /** Aligns two finished token lists of one response; O(n + m). */
    public static Alignment align(TokenSpans teacher, TokenSpans student) {
        TokenAligner aligner = new TokenAligner(Math.min(teacher.coveredBytes(), student.coveredBytes()));
        for (int i = 0; i < teacher.size(); i++) {
            aligner.teacher.add(teacher.kind(i), teacher.end(i));
        }
        for (int i = 0; i < student.size(); i++) {
            aligner.student.add(student.kind(i), student.end(i));
        }
        aligner.advance();
        return aligner.finish(
                FirstTokens.of(teacher.leadingSpace(), student.leadingSpace()),
                teacher.isMismatched() || student.isMismatched());
    }

    /** Adds the teacher's next token, which ends at byte {@code end}; returns the groups that this closes. */
    public List<TokenGroup> feedTeacher(TokenKind kind, int end) {
        return feed(teacher, kind, end);
    }

    /** Adds the student's next token, which ends at byte {@code end}; returns the groups that this closes. */
    public List<TokenGroup> feedStudent(TokenKind kind, int end) {
        return feed(student, kind, end);
    }

    /** The result so far. Tokens in open groups or without a partner are left over. */
    public Alignment finish() {
        return finish(FirstTokens.PLAIN, teacher.lastEnd() > limitBytes || student.lastEnd() > limitBytes);
    }

    /** How many times the heads of the two sides were compared. */
    long comparisons() {
        return comparisons;
    }

    private List<TokenGroup> feed(AlignmentSide side, TokenKind kind, int end) {
        side.add(kind, end);
        int before = groups.size();
        advance();
        return List.copyOf(groups.subList(before, groups.size()));
    }

    private void advance() {
        while (teacher.skipEmpty() && student.skipEmpty()) {
            comparisons++;
            boolean teacherEnds = teacher.headKind() == TokenKind.END;
            boolean studentEnds = student.headKind() == TokenKind.END;
            if (teacherEnds || studentEnds) {
                advanceEnd(teacherEnds, studentEnds);
            } else if (Math.min(teacher.headEnd(), student.headEnd()) > limitBytes) {
                return;
            } else {
                advanceText();
            }
        }
    }

    /** Pairs two ends; an end whose partner is text stays alone. */
    private void advanceEnd(boolean teacherEnds, boolean studentEnds) {
        boolean isAtBoundary = !teacher.isOpen() && !student.isOpen() && teacher.cursor() == student.cursor();
        if (teacherEnds && studentEnds && isAtBoundary) {
            endPairs.add(new TokenPair(teacher.head(), student.head()));
        }
        if (teacherEnds) {
            teacher.skip();
        }
        if (studentEnds) {
            student.skip();
        }
    }

    private void advanceText() {
        int teacherEnd = teacher.headEnd();
        int studentEnd = student.headEnd();
        if (teacherEnd <= studentEnd) {
            teacher.open();
        }
        if (studentEnd <= teacherEnd) {
            student.open();
        }
        if (teacherEnd == studentEnd) {
            int start = Math.max(teacher.groupStart(), student.groupStart());
            groups.add(new TokenGroup(teacher.close(), student.close(), start, teacherEnd));
        }
    }

    private Alignment finish(FirstTokens firstTokens, boolean isMismatched) {
        long pairs = 0;
        long exactBytes = 0;
        long grouped = 0;
        for (TokenGroup group : groups) {
            if (group.isExactPair()) {
                pairs++;
                exactBytes += group.endByte() - group.startByte();
            } else {
                grouped += group.student().size();
            }
        }
        AlignmentStats stats = new AlignmentStats(
                1,
                pairs,
                endPairs.size(),
                student.textTokens(),
                grouped,
                exactBytes,
                student.lastEnd(),
                isMismatched ? 1 : 0);
        return new Alignment(groups, endPairs, teacher.leftover(), student.leftover(), firstTokens, stats);
    }
}
