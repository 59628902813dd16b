// SPDX-License-Identifier: Apache-2.0
package reflux.learner.align;

import reflux.model.text.TokenIds;

/**
 * The smallest run of tokens on both sides that cover the same bytes of the response; in order, without tokens that cover
 * nothing.
 *
 * @param teacher indices of the teacher's tokens, never empty
 * @param student indices of the student's tokens, never empty
 * @param startByte first byte covered
 * @param endByte byte after the last one
 */
public record TokenGroup(TokenIds teacher, TokenIds student, int startByte, int endByte) {

    /** Whether it is one token on each side: same start, same end, same bytes. */
    public boolean isExactPair() {
        return teacher.size() == 1 && student.size() == 1;
    }
}
