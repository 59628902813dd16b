// SPDX-License-Identifier: Apache-2.0
package reflux.learner.align;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import reflux.model.text.Vocabulary;

/** Both methods on one text with a newline, which the two tokenizers spell differently. */
class AlignmentMethodTest {

    @Test
    void newline_endsThePublishedAlignmentButNotThatByBytes() {
        Vocabulary teacher = TestVocabulary.byteLevel("<end>", List.of("a", "\u010a", "b", "\u0120c", "<end>"));
        List<String> pieces = new ArrayList<>(IntStream.range(0, 256)
                .mapToObj(value -> String.format("<0x%02X>", value))
                .toList());
        pieces.addAll(List.of("a", "b", "\u2581c", "</s>"));
        Vocabulary student = TestVocabulary.sentencePiece("</s>", pieces);
        int[] teacherIds = {0, 1, 2, 3, 4};
        int[] studentIds = {256, 10, 257, 258, 259};

        Alignment bytes = align(AlignmentMethod.named("bytes"), teacher, teacherIds, student, studentIds);
        Alignment published = align(AlignmentMethod.named("published"), teacher, teacherIds, student, studentIds);

        assertThat(bytes.exactPairs()).hasSize(4);
        assertThat(bytes.endPairs()).hasSize(1);
        assertThat(published.exactPairs()).containsExactly(new TokenPair(0, 0));
        assertThat(published.endPairs()).isEmpty();
        assertThat(published.stats().exactPairRatio()).isEqualTo(0.25);
        assertThat(published.stats().byteCoverage()).isEqualTo(0.2);
        assertThat(published.studentLeftover().toArray()).containsExactly(1, 2, 3);
        assertThat(published.teacherLeftover().toArray()).containsExactly(1, 2, 3);
    }

    private static Alignment align(
            AlignmentMethod method, Vocabulary teacher, int[] teacherIds, Vocabulary student, int[] studentIds) {
        return method.between(teacher, student)
                .align(
                        teacherIds,
                        TokenSpans.sampled(teacher, teacherIds),
                        studentIds,
                        TokenSpans.sampled(student, studentIds));
    }

    @Test
    void unknownMethod_isNamedWithItsRemedy() {
        assertThatThrownBy(() -> AlignmentMethod.named("words"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("learner.alignment is 'words'; use bytes or published");
    }
}
