// SPDX-License-Identifier: Apache-2.0
package reflux.learner.vectors;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import reflux.learner.align.VocabularyMap;
import reflux.model.text.Vocabulary;

/** Vocabularies in which given ids spell the same and all others do not. */
public final class SharedTokens {
    private SharedTokens() {}

    /** The map in which the k-th of the teacher's ids is the k-th of the student's. */
    public static VocabularyMap map(int teacherSize, int[] teacherIds, int studentSize, int[] studentIds) {
        String[] teacher = names("teacher", teacherSize);
        String[] student = names("student", studentSize);
        for (int i = 0; i < teacherIds.length; i++) {
            teacher[teacherIds[i]] = "shared" + i;
            student[studentIds[i]] = "shared" + i;
        }
        return VocabularyMap.between(vocabulary(teacher), vocabulary(student));
    }

    private static String[] names(String side, int size) {
        String[] names = new String[size];
        Arrays.setAll(names, i -> side + i);
        return names;
    }

    private static Vocabulary vocabulary(String[] names) {
        int[] ends = new int[names.length];
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < names.length; i++) {
            ends[i] = text.append(names[i]).length();
        }
        return Vocabulary.of(text.toString().getBytes(StandardCharsets.UTF_8), ends, new byte[names.length]);
    }
}
