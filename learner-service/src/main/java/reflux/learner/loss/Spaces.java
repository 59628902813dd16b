// SPDX-License-Identifier: Apache-2.0
package reflux.learner.loss;

/** In which hidden space distributions are compared. */
public enum Spaces {
    BOTH,
    /** The teacher's states are projected to the student: t2s_ce and t2s_kd. */
    STUDENT,
    /** The student's states are projected to the teacher: s2t_kd. */
    TEACHER;

    boolean hasStudent() {
        return this != TEACHER;
    }

    boolean hasTeacher() {
        return this != STUDENT;
    }
}
