// SPDX-License-Identifier: Apache-2.0
package reflux.learner.eval;

import java.util.ArrayList;
import java.util.List;
import reflux.learner.align.TokenPair;

/** Flat rows of a teacher's and a student's batch, pair by pair. */
final class PairedRows {
    private final int teacherWidth;
    private final int studentWidth;
    private final List<Integer> teacher = new ArrayList<>();
    private final List<Integer> student = new ArrayList<>();
    private final List<Integer> items = new ArrayList<>();

    /** @param teacherWidth padded tokens of a sequence */
    PairedRows(int teacherWidth, int studentWidth) {
        this.teacherWidth = teacherWidth;
        this.studentWidth = studentWidth;
    }

    void add(int item, ForcedView ofTeacher, ForcedView ofStudent, TokenPair pair) {
        teacher.add(item * teacherWidth + ofTeacher.firstRow() + pair.teacher());
        items.add(item);
        student.add(item * studentWidth + ofStudent.firstRow() + pair.student());
    }

    /** The item that pair {@code index} is of. */
    int item(int index) {
        return items.get(index);
    }

    int count() {
        return teacher.size();
    }

    int[] teacher(int from, int to) {
        return teacher.subList(from, to).stream().mapToInt(Integer::intValue).toArray();
    }

    int[] student(int from, int to) {
        return student.subList(from, to).stream().mapToInt(Integer::intValue).toArray();
    }
}
