// SPDX-License-Identifier: Apache-2.0
package reflux.learner.eval;

import java.util.Arrays;
import java.util.stream.IntStream;
import reflux.learner.align.FirstTokens;
import reflux.learner.align.VocabularyMap;
import reflux.model.text.TokenIds;
import reflux.model.text.Vocabulary;

/**
 * The tokens that two vocabularies spell alike, in pairs, and the other ids of each.
 *
 * @param student partner of each of {@code teacher}
 */
record SharedVocabulary(TokenIds teacher, TokenIds student, TokenIds teacherRest, TokenIds studentRest) {

    static SharedVocabulary of(Vocabulary teacher, Vocabulary student, FirstTokens first) {
        VocabularyMap map = VocabularyMap.between(teacher, student, first);
        return new SharedVocabulary(
                map.overlapTeacher(),
                map.overlapStudent(),
                rest(map.overlapTeacher(), teacher.size()),
                rest(map.overlapStudent(), student.size()));
    }

    private static TokenIds rest(TokenIds shared, int size) {
        boolean[] taken = new boolean[size];
        Arrays.stream(shared.toArray()).forEach(id -> taken[id] = true);
        return TokenIds.of(IntStream.range(0, size).filter(id -> !taken[id]).toArray());
    }
}
