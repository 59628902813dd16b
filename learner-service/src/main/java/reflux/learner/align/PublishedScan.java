// SPDX-License-Identifier: Apache-2.0
package reflux.learner.align;

import java.util.ArrayList;
import java.util.List;

/**
 * The exact token alignment of DSKDv2 as its authors published it, to compare {@link TokenAligner} with: a greedy scan
 * over token spellings without their space markers, in which a pair needs equal spellings and equal histories. Per sample.
 *
 * <p>One spelling that differs ends the alignment for the rest of the response; that is the published behaviour.
 */
public final class PublishedScan {
    private final List<String> teacher;
    private final List<String> student;
    private final String teacherEnd;
    private final String studentEnd;
    private final StringBuilder teacherHistory = new StringBuilder();
    private final StringBuilder studentHistory = new StringBuilder();
    private int agreed;

    private PublishedScan(List<String> teacher, List<String> student, String teacherEnd, String studentEnd) {
        this.teacher = teacher.stream().map(PublishedScan::clean).toList();
        this.student = student.stream().map(PublishedScan::clean).toList();
        this.teacherEnd = teacherEnd;
        this.studentEnd = studentEnd;
    }

    /** Pairs of tokens, each side given as spellings of the vocabulary with its spelling of end of sequence. */
    public static List<TokenPair> align(
            List<String> teacher, String teacherEnd, List<String> student, String studentEnd) {
        return new PublishedScan(teacher, student, teacherEnd, studentEnd).scan();
    }

    private static String clean(String piece) {
        return piece.replace("\u2581", "").replace("\u0120", "");
    }

    private List<TokenPair> scan() {
        List<TokenPair> pairs = new ArrayList<>();
        int i = 0;
        int j = 0;
        while (i < teacher.size() && j < student.size() && historiesCanAgree()) {
            int lead = teacherHistory.length() - studentHistory.length();
            if (lead == 0 && isSame(teacher.get(i), student.get(j))) {
                pairs.add(new TokenPair(i, j));
            }
            if (lead <= 0) {
                teacherHistory.append(teacher.get(i++));
            }
            if (lead >= 0) {
                studentHistory.append(student.get(j++));
            }
        }
        return pairs;
    }

    private boolean isSame(String teacherPiece, String studentPiece) {
        boolean areBothEnds = teacherPiece.equals(teacherEnd) && studentPiece.equals(studentEnd);
        return teacherPiece.equals(studentPiece) || areBothEnds;
    }

    /** Compares what both histories have by now; once they differ in a character they can never be equal again. */
    private boolean historiesCanAgree() {
        int common = Math.min(teacherHistory.length(), studentHistory.length());
        while (agreed < common && teacherHistory.charAt(agreed) == studentHistory.charAt(agreed)) {
            agreed++;
        }
        return agreed == common;
    }
}
