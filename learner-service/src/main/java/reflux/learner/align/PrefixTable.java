// SPDX-License-Identifier: Apache-2.0
package reflux.learner.align;

import reflux.model.text.TokenIds;

/**
 * Where the mass of the teacher's tokens goes in the student's vocabulary.
 *
 * @param teacherIds tokens of the teacher
 * @param studentIds the student's token for each
 * @param others the student's token for all text and end tokens that are not listed, -1 if they are left out
 */
public record PrefixTable(TokenIds teacherIds, TokenIds studentIds, int others) {

    /** Where a token of the teacher is listed, or -1. */
    public int indexOf(int teacherId) {
        for (int i = 0; i < teacherIds.size(); i++) {
            if (teacherIds.get(i) == teacherId) {
                return i;
            }
        }
        return -1;
    }
}
