// SPDX-License-Identifier: Apache-2.0
package reflux.learner.align;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import reflux.model.text.TokenKind;

class TokenAlignerTest {

    @Test
    void longResponse_isComparedOncePerToken() {
        RandomTokens random = new RandomTokens(64);
        TokenSpans teacher = random.cut(200_000, 3);
        TokenSpans student = random.cut(200_000, 3);
        TokenAligner aligner = new TokenAligner();
        for (int i = 0; i < teacher.size(); i++) {
            aligner.feedTeacher(teacher.kind(i), teacher.end(i));
        }
        for (int i = 0; i < student.size(); i++) {
            aligner.feedStudent(student.kind(i), student.end(i));
        }

        assertThat(teacher.size()).isGreaterThan(64_000);
        assertThat(aligner.comparisons()).isLessThanOrEqualTo(teacher.size() + student.size());
        assertThat(aligner.finish().groups()).isNotEmpty();
    }

    @Test
    void openGroupAtTheEnd_doesNotPairTheEnds() {
        TokenAligner aligner = new TokenAligner();
        aligner.feedTeacher(TokenKind.TEXT, 3);
        aligner.feedTeacher(TokenKind.END, 3);
        aligner.feedStudent(TokenKind.TEXT, 2);
        aligner.feedStudent(TokenKind.END, 2);

        Alignment alignment = aligner.finish();

        assertThat(alignment.endPairs()).isEmpty();
        assertThat(alignment.stats().exactPairRatio()).isZero();
    }

    @Test
    void endBeforeFurtherText_staysAloneAndAlignmentGoesOn() {
        TokenAligner aligner = new TokenAligner();
        for (int end : new int[] {2, 4}) {
            aligner.feedTeacher(TokenKind.TEXT, end);
            aligner.feedStudent(TokenKind.TEXT, end);
            aligner.feedTeacher(TokenKind.END, end);
        }
        aligner.feedStudent(TokenKind.END, 4);

        Alignment alignment = aligner.finish();

        assertThat(alignment.exactPairs()).containsExactly(new TokenPair(0, 0), new TokenPair(2, 1));
        assertThat(alignment.endPairs()).containsExactly(new TokenPair(3, 2));
    }

    @Test
    void emptyResponse_pairsItsEndsAndHasRatiosOfZero() {
        TokenSpans ends = TokenSpans.of(new int[1], new TokenKind[] {TokenKind.END}, 0, LeadingSpace.KEPT);

        Alignment alignment = TokenAligner.align(ends, ends);

        assertThat(alignment.endPairs()).containsExactly(new TokenPair(0, 0));
        assertThat(alignment.stats().exactPairRatio()).isZero();
        assertThat(alignment.stats().byteCoverage()).isZero();
    }

    @Test
    void mismatch_leavesEverythingBehindItUnalignedAndIsCounted() {
        TokenKind[] kinds = new TokenKind[3];
        Arrays.fill(kinds, TokenKind.TEXT);
        TokenSpans whole = TokenSpans.of(new int[] {2, 4, 6}, kinds, 6, LeadingSpace.KEPT);
        TokenSpans broken = TokenSpans.tokenized(
                TestVocabulary.byteLevel("<end>", List.of("ab", "xy", "ef")),
                new int[] {0, 1, 2},
                new int[] {2, 2, 2},
                2);

        Alignment alignment = TokenAligner.align(broken, whole);

        assertThat(alignment.exactPairs()).containsExactly(new TokenPair(0, 0));
        assertThat(alignment.studentLeftover().size()).isEqualTo(2);
        assertThat(alignment.stats().mismatches()).isEqualTo(1);
    }

    @Test
    void hostileEnds_areRefused() {
        TokenKind[] kinds = {TokenKind.TEXT, TokenKind.TEXT};

        assertThatThrownBy(() -> TokenSpans.of(new int[] {3, 2}, kinds, 3, LeadingSpace.KEPT))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("token 1 ends at byte 2");
    }
}
