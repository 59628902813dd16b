// SPDX-License-Identifier: Apache-2.0
package reflux.learner.eval;

import java.util.Arrays;
import java.util.stream.IntStream;
import reflux.learner.align.FirstTokens;
import reflux.learner.align.VocabularyMap;
import reflux.model.text.TokenIds;
import reflux.model.text.Vocabulary;

/**
 * The tokens that two vocabularies spell alike, in pairs, and the rows of each LM head that have no partner.
 *
 * @param student partner of each of {@code teacher}
 */
record SharedVocabulary(TokenIds teacher, TokenIds student, TokenIds teacherRest, TokenIds studentRest) {

    /** Rows are those of the LM heads, which may be padded beyond the vocabularies. */
    static SharedVocabulary of(
            Vocabulary teacher, int teacherRows, Vocabulary student, int studentRows, FirstTokens first) {
        VocabularyMap map = VocabularyMap.between(teacher, student, first);
        return new SharedVocabulary(
                map.overlapTeacher(),
                map.overlapStudent(),
                rest(map.overlapTeacher(), teacherRows),
                rest(map.overlapStudent(), studentRows));
    }

    private static TokenIds rest(TokenIds shared, int rows) {
        boolean[] taken = new boolean[rows];
        Arrays.stream(shared.toArray()).forEach(id -> taken[id] = true);
        return TokenIds.of(IntStream.range(0, rows).filter(id -> !taken[id]).toArray());
    }
}
