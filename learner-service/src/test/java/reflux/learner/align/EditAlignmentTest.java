// SPDX-License-Identifier: Apache-2.0
package reflux.learner.align;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import reflux.learner.vectors.KdVector;
import reflux.model.text.Vocabulary;

/** MinED's alignment: the reference paths, an independent distance, and which rows are taken. */
class EditAlignmentTest {

    @Test
    void referenceCases_haveTheReferenceCostsAndPaths() {
        KdVector vector = KdVector.of("mined_dtw");
        for (JsonNode expected : vector.out("cases")) {
            List<String> teacher = KdVector.strings(expected.get("teacher"));
            List<String> student = KdVector.strings(expected.get("student"));
            TokenDistance distance = new TokenDistance(
                    TestVocabulary.byteLevel("<end>", teacher), TestVocabulary.sentencePiece("</s>", student));

            int[] costs = IntStream.range(0, teacher.size())
                    .flatMap(i -> IntStream.range(0, student.size()).map(j -> distance.between(i, j)))
                    .toArray();
            TimeWarp warp = TimeWarp.of(teacher.size(), student.size(), distance::between);

            assertThat(costs).isEqualTo(KdVector.ints(expected.get("cost_matrix")));
            assertThat(warp.cost()).isEqualTo(expected.get("total").asLong());
            assertThat(warp.path().stream().map(pair -> List.of(pair.teacher(), pair.student())))
                    .containsExactlyElementsOf(pairs(expected.get("path")));
        }
    }

    @Test
    void randomSpellings_haveTheRecursiveDistance() {
        Random random = new Random(11);
        for (int round = 0; round < 200; round++) {
            byte[] a = bytes(random);
            byte[] b = bytes(random);

            assertThat(TokenDistance.levenshtein(a, b)).isEqualTo(recursive(a, a.length, b, b.length));
        }
    }

    @Test
    void repeatedQuestion_hasTheSameAnswerAfterOthers() {
        Vocabulary vocabulary = TestVocabulary.byteLevel("<end>", List.of("abc", "abd", "xyz", "\u0120abc"));
        TokenDistance distance = new TokenDistance(vocabulary, vocabulary);

        assertThat(distance.between(0, 1)).isEqualTo(1);
        assertThat(distance.between(0, 2)).isEqualTo(3);
        assertThat(distance.between(0, 3)).isZero();
        assertThat(distance.between(0, 1)).isEqualTo(1);
    }

    /** "util iz ation of" against "util ization of": only rows that have read one and the same token are taken. */
    @Test
    void rows_areTakenWhereBothSidesHaveReadTheSameTokenOnce() {
        Vocabulary teacher = TestVocabulary.byteLevel("<end>", List.of("util", "iz", "ation", "\u0120of", "\u0120x"));
        Vocabulary student = TestVocabulary.byteLevel("<end>", List.of("ization", "util", "\u0120of", "\u0120x"));
        EditAlignment alignment = new EditAlignment(teacher, student, VocabularyMap.between(teacher, student));

        int[] rows = alignment.teacherRows(new int[] {0, 1, 2, 3, 4}, new int[] {1, 0, 2, 3});

        assertThat(rows).containsExactly(0, -1, -1, 4);
        assertThat(alignment.teacherRows(new int[0], new int[] {1})).containsExactly(-1);
        assertThat(alignment.teacherRows(new int[] {0}, new int[] {1})).containsExactly(0);
    }

    private static List<List<Integer>> pairs(JsonNode json) {
        List<List<Integer>> pairs = new ArrayList<>();
        json.forEach(pair -> pairs.add(List.of(pair.get(0).asInt(), pair.get(1).asInt())));
        return pairs;
    }

    private static byte[] bytes(Random random) {
        byte[] bytes = new byte[random.nextInt(6)];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) ('a' + random.nextInt(3));
        }
        return bytes;
    }

    private static int recursive(byte[] a, int i, byte[] b, int j) {
        if (i == 0 || j == 0) {
            return i + j;
        }
        int replaced = recursive(a, i - 1, b, j - 1) + (a[i - 1] == b[j - 1] ? 0 : 1);
        return Math.min(replaced, 1 + Math.min(recursive(a, i - 1, b, j), recursive(a, i, b, j - 1)));
    }
}
