// SPDX-License-Identifier: Apache-2.0
package reflux.learner.align;

import java.util.stream.IntStream;
import reflux.model.text.TokenIds;

/**
 * Walks the tries of two vocabularies side by side and gives each token of the teacher the longest token of the student that
 * its bytes begin with. Costs as much as the tries have in common.
 */
final class PrefixWalk {
    private final SortedTokens teacher;
    private final SortedTokens student;
    private final int others;
    private final IntStream.Builder teacherIds = IntStream.builder();
    private final IntStream.Builder studentIds = IntStream.builder();

    /** @param others the student's token that need not be listed */
    PrefixWalk(SortedTokens teacher, SortedTokens student, int others) {
        this.teacher = teacher;
        this.student = student;
        this.others = others;
    }

    /** A range of tokens that begin with the same {@code depth} bytes. */
    record Node(int low, int high, int depth) {
        static Node root(SortedTokens tokens) {
            return new Node(0, tokens.size(), 0);
        }

        boolean isEmpty() {
            return low >= high;
        }

        Node child(SortedTokens tokens, int value) {
            int from = tokens.firstFrom(low, high, depth, value);
            return new Node(from, tokens.firstFrom(from, high, depth, value + 1), depth + 1);
        }

        /** The token that spells just these bytes, or -1. */
        int own(SortedTokens tokens) {
            return !isEmpty() && tokens.length(low) == depth ? tokens.id(low) : -1;
        }
    }

    /** Walks on from a node of each side; {@code best} is the student's token if no longer one is found. */
    void from(Node teacherNode, Node studentNode, int best) {
        int own = studentNode.depth() == 0 ? -1 : studentNode.own(student);
        int found = own >= 0 ? own : best;
        int rank = teacherNode.low();
        while (rank < teacherNode.high() && teacher.length(rank) == teacherNode.depth()) {
            add(rank, rank + 1, found);
            rank++;
        }
        while (rank < teacherNode.high()) {
            int value = teacher.byteAt(rank, teacherNode.depth());
            int next = teacher.firstFrom(rank, teacherNode.high(), teacherNode.depth(), value + 1);
            Node child = studentNode.child(student, value);
            if (child.isEmpty()) {
                add(rank, next, found);
            } else {
                from(new Node(rank, next, teacherNode.depth() + 1), child, found);
            }
            rank = next;
        }
    }

    /** Lists a token by hand. */
    void add(int teacherId, int studentId) {
        teacherIds.add(teacherId);
        studentIds.add(studentId);
    }

    private void add(int low, int high, int studentId) {
        for (int rank = low; rank < high && studentId != others; rank++) {
            add(teacher.id(rank), studentId);
        }
    }

    PrefixTable table() {
        return new PrefixTable(
                TokenIds.of(teacherIds.build().toArray()),
                TokenIds.of(studentIds.build().toArray()),
                others);
    }
}
