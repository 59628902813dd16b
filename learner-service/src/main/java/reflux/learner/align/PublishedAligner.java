// SPDX-License-Identifier: Apache-2.0
package reflux.learner.align;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.stream.IntStream;
import reflux.model.text.TokenIds;
import reflux.model.text.TokenKind;
import reflux.model.text.Vocabulary;

/**
 * Pairs tokens by the {@link PublishedScan}, for comparison: the choice {@code alignment: published}. Spellings are made
 * from bytes ({@link PieceSpelling}), so that the scan fails where it would fail on the tokenizers' own files.
 *
 * <p>A pair may be false: equal spellings at different bytes. Every pair is a group of its own, and no others are made, so
 * losses on groups have nothing to do. Immutable.
 */
public final class PublishedAligner implements ResponseAligner {
    private final Vocabulary teacherVocabulary;
    private final Vocabulary studentVocabulary;
    private final PieceSpelling teacher;
    private final PieceSpelling student;

    public PublishedAligner(Vocabulary teacher, Vocabulary student) {
        this.teacherVocabulary = teacher;
        this.studentVocabulary = student;
        this.teacher = new PieceSpelling(teacher);
        this.student = new PieceSpelling(student);
    }

    /** The pairs of one response; the spans are those of the ids. O(characters). */
    @Override
    public Alignment align(int[] teacherIds, TokenSpans teacherSpans, int[] studentIds, TokenSpans studentSpans) {
        List<TokenPair> pairs = PublishedScan.align(
                Arrays.stream(teacherIds).mapToObj(teacher::piece).toList(),
                teacher.end(),
                Arrays.stream(studentIds).mapToObj(student::piece).toList(),
                student.end());
        List<TokenGroup> groups = new ArrayList<>();
        List<TokenPair> endPairs = new ArrayList<>();
        BitSet teacherUsed = new BitSet();
        BitSet studentUsed = new BitSet();
        long exactBytes = 0;
        for (TokenPair pair : pairs) {
            if (studentSpans.kind(pair.student()) != TokenKind.TEXT) {
                endPairs.add(pair);
                continue;
            }
            int start = studentSpans.start(pair.student());
            int end = studentSpans.end(pair.student());
            groups.add(new TokenGroup(TokenIds.of(pair.teacher()), TokenIds.of(pair.student()), start, end));
            teacherUsed.set(pair.teacher());
            studentUsed.set(pair.student());
            exactBytes += end - start;
        }
        return new Alignment(
                groups,
                endPairs,
                unused(teacherVocabulary, teacherIds, teacherUsed),
                unused(studentVocabulary, studentIds, studentUsed),
                FirstTokens.of(teacherSpans.leadingSpace(), studentSpans.leadingSpace()),
                stats(groups.size(), endPairs.size(), exactBytes, studentIds, teacherSpans, studentSpans));
    }

    private AlignmentStats stats(
            int pairs,
            int endPairs,
            long exactBytes,
            int[] studentIds,
            TokenSpans teacherSpans,
            TokenSpans studentSpans) {
        long tokens = Arrays.stream(studentIds)
                .filter(id -> studentVocabulary.kind(id) == TokenKind.TEXT)
                .count();
        int bytes = studentIds.length == 0 ? 0 : studentSpans.end(studentIds.length - 1);
        boolean isMismatched = teacherSpans.isMismatched() || studentSpans.isMismatched();
        return new AlignmentStats(1, pairs, endPairs, tokens, 0, exactBytes, bytes, isMismatched ? 1 : 0);
    }

    private static TokenIds unused(Vocabulary vocabulary, int[] ids, BitSet used) {
        return TokenIds.of(IntStream.range(0, ids.length)
                .filter(i -> !used.get(i) && vocabulary.kind(ids[i]) == TokenKind.TEXT && vocabulary.length(ids[i]) > 0)
                .toArray());
    }
}
