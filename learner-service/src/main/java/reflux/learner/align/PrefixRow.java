// SPDX-License-Identifier: Apache-2.0
package reflux.learner.align;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import reflux.model.text.TokenIds;
import reflux.model.text.Vocabulary;

/**
 * What the teacher says about a student's token in a group that is no exact pair.
 *
 * <p>The student's token covers the bytes [b, e). The first step is the teacher's token over byte b: of its distribution count
 * the tokens that begin with the bytes between its own start and b and go on. While the teacher's realised token ends before
 * e, its mass is not the student's to learn as it stands; it is passed on to the next step, where the teacher's next
 * distribution divides it.
 *
 * @param studentToken index in the response
 * @param steps one or more
 */
public record PrefixRow(int studentToken, List<Step> steps) {
    private static final int NONE = -1;

    public PrefixRow {
        steps = List.copyOf(steps);
    }

    /**
     * A state of the teacher.
     *
     * @param teacherToken index in the response of the token that it predicts
     * @param table where its mass goes
     * @param passedOn id of the realised token, whose mass goes to the next step; -1 in the last
     */
    public record Step(int teacherToken, PrefixTable table, int passedOn) {}

    /** The rows of all tokens of the student that are in groups but not in exact pairs. */
    public static List<PrefixRow> of(
            Alignment alignment,
            Vocabulary teacher,
            int[] teacherIds,
            Vocabulary student,
            int[] studentIds,
            PrefixProjection projection) {
        List<PrefixRow> rows = new ArrayList<>();
        for (TokenGroup group : alignment.groups()) {
            if (!group.isExactPair()) {
                Side teacherSide = Side.of(teacher, teacherIds, group.teacher(), group);
                Side studentSide = Side.of(student, studentIds, group.student(), group);
                for (int token = 0; token < group.student().size(); token++) {
                    rows.add(row(teacherSide, studentSide, token, projection));
                }
            }
        }
        return rows;
    }

    private static PrefixRow row(Side teacher, Side student, int token, PrefixProjection projection) {
        int begin = student.start(token);
        int end = student.end(token);
        int at = 0;
        while (teacher.end(at) <= begin) {
            at++;
        }
        PrefixTable table =
                projection.start(teacher.space(at), student.space(token), student.bytes(teacher.start(at), begin));
        List<Step> steps = new ArrayList<>();
        while (teacher.end(at) < end && (!steps.isEmpty() || table.indexOf(teacher.id(at)) >= 0)) {
            steps.add(new Step(teacher.token(at), table, teacher.id(at)));
            table = projection.next(student.space(token), student.bytes(begin, teacher.end(at)));
            at++;
        }
        steps.add(new Step(teacher.token(at), table, NONE));
        return new PrefixRow(student.token(token), steps);
    }

    /** One side's tokens of a group over the group's bytes, counted from its first. */
    private record Side(TokenIds tokens, TokenIds ids, TokenIds ends, TokenIds spelled, LeadingSpace first) {

        static Side of(Vocabulary vocabulary, int[] responseIds, TokenIds tokens, TokenGroup group) {
            int[] ids = Arrays.stream(tokens.toArray()).map(i -> responseIds[i]).toArray();
            byte[] spelled = vocabulary.spell(ids);
            int bytes = group.endByte() - group.startByte();
            int dropped = spelled.length - bytes;
            if (dropped < 0 || dropped > 1) {
                throw new IllegalStateException(
                        "a group of " + bytes + " bytes has tokens that spell " + spelled.length + " bytes");
            }
            int[] ends = Arrays.stream(vocabulary.ends(ids))
                    .map(end -> end - dropped)
                    .toArray();
            return new Side(
                    tokens,
                    TokenIds.of(ids),
                    TokenIds.of(ends),
                    TokenIds.of(IntStream.range(dropped, spelled.length)
                            .map(i -> spelled[i])
                            .toArray()),
                    dropped == 1 ? LeadingSpace.DROPPED : LeadingSpace.KEPT);
        }

        int token(int i) {
            return tokens.get(i);
        }

        int id(int i) {
            return ids.get(i);
        }

        int start(int i) {
            return i == 0 ? 0 : ends.get(i - 1);
        }

        int end(int i) {
            return ends.get(i);
        }

        LeadingSpace space(int i) {
            return i == 0 ? first : LeadingSpace.KEPT;
        }

        byte[] bytes(int from, int to) {
            byte[] cut = new byte[to - from];
            for (int i = from; i < to; i++) {
                cut[i - from] = (byte) spelled.get(i);
            }
            return cut;
        }
    }
}
