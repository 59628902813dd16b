// SPDX-License-Identifier: Apache-2.0
package reflux.learner.align;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import reflux.model.text.TokenIds;
import reflux.model.text.TokenKind;

/** What must hold for any two tokenizations of any text, over 300 seeded random ones. */
class AlignmentPropertyTest {

    private static final List<Integer> SEEDS = IntStream.range(0, 300).boxed().toList();

    @Test
    void anyTokens_groupsAreTheSegmentsBetweenSharedBoundaries() {
        SEEDS.forEach(AlignmentPropertyTest::groupsAreTheSegmentsBetweenSharedBoundaries);
    }

    private static void groupsAreTheSegmentsBetweenSharedBoundaries(int seed) {
        RandomTokens random = new RandomTokens(seed);
        int bytes = random.textBytes(seed % 40);
        TokenSpans teacher = random.cut(bytes, 1 + seed % 5);
        TokenSpans student = random.cut(bytes, 1 + seed % 3);
        Set<Integer> shared = boundaries(teacher);
        shared.retainAll(boundaries(student));

        Alignment alignment = TokenAligner.align(teacher, student);

        assertThat(alignment.groups().stream().map(TokenGroup::endByte)).containsExactlyElementsOf(shared);
        int previous = 0;
        for (TokenGroup group : alignment.groups()) {
            assertThat(group.startByte()).isEqualTo(previous);
            assertThat(width(teacher, group.teacher())).isEqualTo(group.endByte() - previous);
            assertThat(width(student, group.student())).isEqualTo(group.endByte() - previous);
            previous = group.endByte();
        }
        assertThat(alignment.stats().responseBytes()).isEqualTo(bytes);
        assertThat(alignment.stats().byteCoverage()).isBetween(0.0, 1.0);
    }

    @Test
    void anyTokens_eachIsUsedOnceAndInOrder() {
        SEEDS.forEach(AlignmentPropertyTest::eachIsUsedOnceAndInOrder);
    }

    private static void eachIsUsedOnceAndInOrder(int seed) {
        RandomTokens random = new RandomTokens(1_000 + seed);
        int bytes = random.textBytes(seed % 40);

        Alignment alignment = TokenAligner.align(random.cut(bytes, 4), random.cut(bytes, 2));

        int[] teacher = alignment.groups().stream()
                .flatMapToInt(group -> IntStream.of(group.teacher().toArray()))
                .toArray();
        int[] student = alignment.groups().stream()
                .flatMapToInt(group -> IntStream.of(group.student().toArray()))
                .toArray();
        assertThat(IntStream.range(1, teacher.length)).allMatch(i -> teacher[i] > teacher[i - 1]);
        assertThat(IntStream.range(1, student.length)).allMatch(i -> student[i] > student[i - 1]);
        assertThat(alignment.teacherLeftover().size()).isZero();
        assertThat(alignment.studentLeftover().size()).isZero();
        assertThat(alignment.stats().exactPairRatio() + alignment.stats().groupRatio())
                .isBetween(0.0, 1.0);
    }

    @Test
    void anyOrderOfArrival_givesTheSameResult() {
        SEEDS.forEach(AlignmentPropertyTest::givesTheSameResult);
    }

    private static void givesTheSameResult(int seed) {
        RandomTokens random = new RandomTokens(2_000 + seed);
        int bytes = random.textBytes(seed % 40);
        TokenSpans teacher = random.cut(bytes, 3);
        TokenSpans student = random.cut(bytes, 3);

        assertThat(random.feed(teacher, student)).isEqualTo(TokenAligner.align(teacher, student));
    }

    @Test
    void swappedSides_swapTheResult() {
        SEEDS.forEach(AlignmentPropertyTest::swapTheResult);
    }

    private static void swapTheResult(int seed) {
        RandomTokens random = new RandomTokens(3_000 + seed);
        int bytes = random.textBytes(seed % 40);
        TokenSpans teacher = random.cut(bytes, 3);
        TokenSpans student = random.cut(bytes + seed % 2, 3);

        Alignment there = TokenAligner.align(teacher, student);
        Alignment back = TokenAligner.align(student, teacher);

        assertThat(back.groups())
                .isEqualTo(there.groups().stream()
                        .map(g -> new TokenGroup(g.student(), g.teacher(), g.startByte(), g.endByte()))
                        .toList());
        assertThat(back.endPairs())
                .isEqualTo(there.endPairs().stream()
                        .map(pair -> new TokenPair(pair.student(), pair.teacher()))
                        .toList());
        assertThat(back.teacherLeftover()).isEqualTo(there.studentLeftover());
        assertThat(back.studentLeftover()).isEqualTo(there.teacherLeftover());
    }

    private static Set<Integer> boundaries(TokenSpans spans) {
        Set<Integer> ends = new TreeSet<>();
        for (int i = 0; i < spans.size(); i++) {
            if (spans.kind(i) == TokenKind.TEXT && spans.end(i) > spans.start(i)) {
                ends.add(spans.end(i));
            }
        }
        return ends;
    }

    private static int width(TokenSpans spans, TokenIds tokens) {
        return IntStream.of(tokens.toArray())
                .map(token -> spans.end(token) - spans.start(token))
                .sum();
    }
}
