// SPDX-License-Identifier: Apache-2.0
package reflux.learner.align;

import java.util.Arrays;
import reflux.model.text.Vocabulary;

/**
 * The token alignment of MinED (FuseLLM, as in DSKD): rows pair along the path of least edit distance between the tokens that
 * they have just read. Not thread-safe.
 *
 * <p>Deliberate differences from the published code: spellings are compared in bytes, so that markers and alphabets of
 * tokenizers do not count; a teacher's token stands for the student's of the same bytes, not for what a file says; and the
 * rows after the prompt pair with each other, for their prompts may be rendered differently.
 */
public final class EditAlignment {
    private static final int NONE = -1;

    private final TokenDistance distance;
    private final VocabularyMap map;

    public EditAlignment(Vocabulary teacher, Vocabulary student, VocabularyMap map) {
        this.distance = new TokenDistance(teacher, student);
        this.map = map;
    }

    /**
     * For each of the student's rows the one row of the teacher on its path, if both have read the same token; else -1. Row 0
     * has read the prompt, row i the token i - 1.
     *
     * @param teacherTokens the response as the teacher's tokens
     * @param studentTokens and as the student's
     */
    public int[] teacherRows(int[] teacherTokens, int[] studentTokens) {
        int[] rows = new int[studentTokens.length];
        Arrays.fill(rows, NONE);
        if (teacherTokens.length == 0 || studentTokens.length == 0) {
            return rows;
        }
        int[] partners = new int[rows.length];
        TimeWarp warp = TimeWarp.of(
                teacherTokens.length - 1,
                studentTokens.length - 1,
                (i, j) -> distance.between(teacherTokens[i], studentTokens[j]));
        for (TokenPair pair : warp.path()) {
            int row = pair.student() + 1;
            boolean isSame = map.student(teacherTokens[pair.teacher()]) == studentTokens[pair.student()];
            rows[row] = partners[row]++ == 0 && isSame ? pair.teacher() + 1 : NONE;
        }
        rows[0] = 0;
        return rows;
    }
}
