// SPDX-License-Identifier: Apache-2.0
package reflux.learner.objective;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import reflux.learner.align.Alignment;
import reflux.learner.align.AlignmentStats;
import reflux.learner.align.FirstTokens;
import reflux.learner.align.LeadingSpace;
import reflux.learner.align.TokenGroup;
import reflux.learner.align.TokenPair;
import reflux.learner.ledger.Origin;
import reflux.model.text.TokenIds;

class RealisedGroupTest {
    private static final FirstTokens PREFIXED = FirstTokens.of(LeadingSpace.DROPPED, LeadingSpace.KEPT);
    private static final FirstTokens PREFIXED_STUDENT = FirstTokens.of(LeadingSpace.KEPT, LeadingSpace.DROPPED);

    @ParameterizedTest
    @CsvSource({"3, '2,1'", "4, '2,1'", "2, '1,1,1'", "1, '1,1,1'", "5, '3'", "6, '3'"})
    void runs_holdAsManyRowsAsTheLimitAndAtLeastAGroup(int limit, String sizes) {
        List<RealisedGroup> groups = List.of(group(1, 2), group(2, 1), group(1, 2));

        List<List<RealisedGroup>> runs = RealisedGroup.runs(groups, limit);

        assertThat(runs.stream().map(run -> "" + run.size()).toList()).isEqualTo(List.of(sizes.split(",")));
        assertThat(runs.stream().flatMap(List::stream)).isEqualTo(groups);
    }

    @Test
    void manyRowsOfTheTeacherAlone_cutARunToo() {
        assertThat(RealisedGroup.runs(List.of(group(3, 1), group(2, 1)), 4)).hasSize(2);
        assertThat(RealisedGroup.runs(List.of(group(1, 3), group(1, 2)), 4)).hasSize(2);
        assertThat(RealisedGroup.runs(List.of(), 4)).isEmpty();
    }

    @Test
    void endPairs_areGroupsAfterTheLastByte() {
        TokenGroup text = new TokenGroup(TokenIds.of(0), TokenIds.of(0, 1), 0, 5);

        assertThat(RealisedGroup.groups(alignment(List.of(text), List.of(new TokenPair(1, 2)), FirstTokens.PLAIN)))
                .containsExactly(text, new TokenGroup(TokenIds.of(1), TokenIds.of(2), 5, 5));
        assertThat(RealisedGroup.groups(alignment(List.of(), List.of(new TokenPair(0, 0)), FirstTokens.PLAIN)))
                .containsExactly(new TokenGroup(TokenIds.of(0), TokenIds.of(0), 0, 0));
    }

    @Test
    void onlyAGroupOfTheFirstTokenAlone_isReadAsFirst() {
        List<TokenGroup> groups = List.of(
                new TokenGroup(TokenIds.of(0), TokenIds.of(0), 0, 1),
                new TokenGroup(TokenIds.of(1), TokenIds.of(1), 1, 2));

        assertThat(readings(groups, PREFIXED)).containsExactly(PREFIXED, FirstTokens.PLAIN);
        assertThat(readings(groups, PREFIXED_STUDENT)).containsExactly(PREFIXED_STUDENT, FirstTokens.PLAIN);
    }

    @Test
    void groupThatBeginsWithTheFirstToken_isReadByItsLast() {
        List<TokenGroup> groups = List.of(new TokenGroup(TokenIds.of(0, 1), TokenIds.of(0), 0, 2));

        assertThat(readings(groups, PREFIXED)).containsExactly(FirstTokens.PLAIN);
        assertThat(readings(groups, PREFIXED_STUDENT)).containsExactly(PREFIXED_STUDENT);
    }

    @Test
    void sameTokens_pairRowByRowWithoutAnAlignment() {
        List<RealisedGroup> found = RealisedGroup.all(batch(List.of(), PREFIXED, true));

        assertThat(found).hasSize(2).allMatch(group -> group.lastTokens().isPlain());
        assertThat(found.get(1).teacherRows()).isEqualTo(TokenIds.of(11));
        assertThat(found.get(1).studentRows()).isEqualTo(TokenIds.of(8));
        assertThat(found.get(1).studentIds()).isEqualTo(TokenIds.of(4));
        assertThat(RealisedGroup.unpaired(batch(List.of(), PREFIXED, true))).isEmpty();
    }

    private static List<FirstTokens> readings(List<TokenGroup> groups, FirstTokens first) {
        return RealisedGroup.all(batch(groups, first, false)).stream()
                .map(RealisedGroup::lastTokens)
                .toList();
    }

    /** One response of two tokens; its rows begin at 7 for the student, at 10 for the teacher. */
    private static LossBatch batch(List<TokenGroup> groups, FirstTokens first, boolean isSame) {
        TokenIds tokens = TokenIds.of(3, 4);
        Response.Scored score = new Response.Scored(10, tokens, isSame, alignment(groups, List.of(), first), Map.of());
        Response response =
                new Response("r", 7, tokens, 0, false, Origin.FILE, Floats.EMPTY, Floats.EMPTY, 0, Optional.of(score));
        return new LossBatch(List.of(response), 9, 12, Optional.empty());
    }

    private static Alignment alignment(List<TokenGroup> groups, List<TokenPair> ends, FirstTokens first) {
        return new Alignment(groups, ends, TokenIds.of(), TokenIds.of(), first, AlignmentStats.NONE);
    }

    private static RealisedGroup group(int teacher, int student) {
        TokenIds teachers = TokenIds.of(IntStream.range(0, teacher).toArray());
        TokenIds students = TokenIds.of(IntStream.range(0, student).toArray());
        return new RealisedGroup(teachers, teachers, students, students, FirstTokens.PLAIN);
    }
}
