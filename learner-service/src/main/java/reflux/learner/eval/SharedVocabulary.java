// SPDX-License-Identifier: Apache-2.0
package reflux.learner.eval;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import reflux.learner.align.LeadingSpace;
import reflux.model.text.TokenKind;
import reflux.model.text.Vocabulary;

/**
 * The tokens that two vocabularies spell alike, in pairs, and the ids of each that have no partner; the first end tokens
 * are partners.
 */
record SharedVocabulary(List<Integer> teacher, List<Integer> student, List<Integer> teacherRest, List<Integer> studentRest) {

    /**
     * @param teacherSpace DROPPED: the prediction of a response's first token, where " x" of the teacher means "x"
     * @param teacherRows rows of the teacher's LM head; those beyond its vocabulary have no partner
     */
    static SharedVocabulary of(
            Vocabulary teacher, int teacherRows, Vocabulary student, int studentRows, LeadingSpace teacherSpace) {
        Map<String, Integer> known = new HashMap<>();
        for (int id = 0; id < Math.min(student.size(), studentRows); id++) {
            if (student.kind(id) == TokenKind.TEXT && student.length(id) > 0) {
                known.putIfAbsent(text(student.bytes(id)), id);
            }
        }
        List<Integer> shared = new ArrayList<>();
        List<Integer> partners = new ArrayList<>();
        for (int id = 0; id < Math.min(teacher.size(), teacherRows); id++) {
            Integer partner = partner(teacher, id, known, student.endId(), teacherSpace);
            if (partner != null && !partners.contains(partner)) {
                shared.add(id);
                partners.add(partner);
            }
        }
        return new SharedVocabulary(shared, partners, rest(shared, teacherRows), rest(partners, studentRows));
    }

    private static @Nullable Integer partner(
            Vocabulary teacher, int id, Map<String, Integer> known, int studentEnd, LeadingSpace space) {
        if (teacher.kind(id) != TokenKind.TEXT) {
            return id == teacher.endId() && studentEnd >= 0 ? (Integer) studentEnd : null;
        }
        String spelled = text(teacher.bytes(id));
        if (space == LeadingSpace.KEPT) {
            return known.get(spelled);
        }
        return spelled.startsWith(" ") ? known.get(spelled.substring(1)) : null;
    }

    private static List<Integer> rest(List<Integer> shared, int rows) {
        boolean[] taken = new boolean[rows];
        shared.forEach(id -> taken[id] = true);
        List<Integer> left = new ArrayList<>();
        for (int id = 0; id < rows; id++) {
            if (!taken[id]) {
                left.add(id);
            }
        }
        return left;
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }
}
