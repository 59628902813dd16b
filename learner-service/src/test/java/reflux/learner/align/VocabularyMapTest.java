// SPDX-License-Identifier: Apache-2.0
package reflux.learner.align;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import reflux.learner.vectors.KdVector;
import reflux.model.text.TokenIds;
import reflux.model.text.Vocabulary;

class VocabularyMapTest {
    private static final FirstTokens STUDENT_DROPS = new FirstTokens(LeadingSpace.KEPT, LeadingSpace.DROPPED);

    @Test
    void vectorPieces_mapByBytes() {
        KdVector vector = KdVector.of("eta_vocab_mapping");
        List<String> studentPieces = new ArrayList<>();
        vector.in("student_vocab").fieldNames().forEachRemaining(studentPieces::add);
        List<String> teacherPieces = KdVector.strings(vector.in("teacher_pieces"));

        VocabularyMap map = VocabularyMap.between(
                TestVocabulary.byteLevel("<end>", teacherPieces), TestVocabulary.sentencePiece("</s>", studentPieces));

        List<Integer> expected = new ArrayList<>();
        for (JsonNode id : vector.out("canonical_bytes")) {
            expected.add(id.isNull() ? -1 : id.asInt());
        }
        assertThat(IntStream.range(0, teacherPieces.size()).map(map::student)).containsExactlyElementsOf(expected);
    }

    @Test
    void firstToken_isReadWithoutTheDroppedSpace() {
        Vocabulary teacher = TestVocabulary.byteLevel("<end>", List.of("Hello", "ĠHello", "Ġ", "<end>"));
        Vocabulary student = TestVocabulary.sentencePiece("</s>", List.of("</s>", "▁Hello", "▁"));

        VocabularyMap map = VocabularyMap.between(teacher, student);

        assertThat(map.studentIds(5)).containsExactly(-1, 1, 2, 0, -1);
        assertThat(map.reading(STUDENT_DROPS).studentIds(5)).containsExactly(1, -1, -1, 0, -1);
    }

    @Test
    void overlap_isInOrderOfStudentIdsWithTheEndIncluded() {
        Vocabulary teacher = TestVocabulary.byteLevel("<end>", List.of("b", "x", "a", "<end>"));
        Vocabulary student = TestVocabulary.sentencePiece("</s>", List.of("a", "</s>", "y", "b"));

        VocabularyMap map = VocabularyMap.between(teacher, student);

        assertThat(map.overlapStudent()).isEqualTo(TokenIds.of(0, 1, 3));
        assertThat(map.overlapTeacher()).isEqualTo(TokenIds.of(2, 3, 0));
    }

    @Test
    void severalIdsOfTheSameBytes_takeTheSmallestThatIsNoByteFallback() {
        List<String> pieces = new ArrayList<>(List.of("</s>"));
        IntStream.range(0, 256).forEach(value -> pieces.add(String.format("<0x%02X>", value)));
        pieces.addAll(List.of("A", "▁", "A"));
        Vocabulary student = TestVocabulary.sentencePiece("</s>", pieces);
        Vocabulary teacher = TestVocabulary.byteLevel("<end>", List.of("A", "Ċ", "Ġ"));

        VocabularyMap map = VocabularyMap.between(teacher, student);

        assertThat(map.studentIds(3)).containsExactly(257, 1 + '\n', 258);
        assertThat(map.overlapStudent()).isEqualTo(TokenIds.of(1 + '\n', 257, 258));
        assertThat(map.overlapTeacher()).isEqualTo(TokenIds.of(1, 0, 2));
    }

    @Test
    void sameVocabulary_isTheIdentityAndLeavesPaddedRowsUnmapped() {
        Vocabulary vocabulary = TestVocabulary.byteLevel("<end>", List.of("a", "b", "a", "<end>"));

        VocabularyMap map = VocabularyMap.between(vocabulary, vocabulary);

        assertThat(map.studentIds(6)).containsExactly(0, 1, 2, 3, -1, -1);
        assertThat(map.overlapStudent()).isEqualTo(TokenIds.of(0, 1, 2, 3));
    }
}
