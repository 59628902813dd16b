// SPDX-License-Identifier: Apache-2.0
package reflux.learner.objective;

import java.nio.charset.StandardCharsets;
import java.util.List;
import reflux.model.text.TokenKind;
import reflux.model.text.Vocabulary;

/**
 * The tokens of both sides and the widths of their states.
 *
 * @param student spellings; {@link #END} ends, {@link #CONTROL} spells nothing
 */
record CrossWords(List<String> student, List<String> teacher, int studentWidth, int teacherWidth) {
    static final String END = "";
    static final String CONTROL = "\0";

    /** Two vocabularies that share a, b, c, ca and the end; some tokens of each begin some of the other's. */
    static CrossWords small() {
        return new CrossWords(
                List.of("a", "b", "c", "ab", "bc", "abc", "ca", END, "bb"),
                List.of("ca", "b", "c", CONTROL, "a", "bca", "cab", "aa", END, "abcc"),
                3,
                4);
    }

    Vocabulary studentVocabulary() {
        return vocabulary(student);
    }

    Vocabulary teacherVocabulary() {
        return vocabulary(teacher);
    }

    private static Vocabulary vocabulary(List<String> words) {
        StringBuilder text = new StringBuilder();
        int[] ends = new int[words.size()];
        byte[] kinds = new byte[words.size()];
        for (int id = 0; id < ends.length; id++) {
            boolean isEnd = words.get(id).equals(END);
            boolean isControl = words.get(id).equals(CONTROL);
            kinds[id] = (byte) (isEnd ? TokenKind.END : isControl ? TokenKind.CONTROL : TokenKind.TEXT).code();
            text.append(isControl ? "" : words.get(id));
            ends[id] = text.length();
        }
        return Vocabulary.of(text.toString().getBytes(StandardCharsets.UTF_8), ends, kinds);
    }
}
