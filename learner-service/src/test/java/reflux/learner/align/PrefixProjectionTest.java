// SPDX-License-Identifier: Apache-2.0
package reflux.learner.align;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import reflux.model.text.TokenIds;
import reflux.model.text.TokenKind;
import reflux.model.text.Vocabulary;

/** Which of the student's tokens the teacher's mass goes to: against a search over all tokens, and at full size. */
class PrefixProjectionTest {
    private static final LeadingSpace KEPT = LeadingSpace.KEPT;
    private static final LeadingSpace DROPPED = LeadingSpace.DROPPED;

    @Test
    void randomVocabularies_mapToTheLongestPrefix() {
        Random random = new Random(17);
        for (int round = 0; round < 60; round++) {
            List<String> teacherWords = words(random, 40);
            List<String> studentWords = words(random, 25);
            PrefixProjection projection = new PrefixProjection(vocabulary(teacherWords), vocabulary(studentWords));
            String spelled = studentWords.get(random.nextInt(studentWords.size() - 1));
            String begun = spelled.substring(0, random.nextInt(spelled.length()));

            Map<Integer, Integer> start = new TreeMap<>();
            Map<Integer, Integer> next = new TreeMap<>();
            for (int id = 0; id < teacherWords.size(); id++) {
                String word = teacherWords.get(id);
                if (word.isEmpty() ? begun.isEmpty() : word.startsWith(begun) && word.length() > begun.length()) {
                    put(
                            start,
                            id,
                            word.isEmpty()
                                    ? studentWords.indexOf("")
                                    : longest(studentWords, word.substring(begun.length())));
                }
                put(next, id, longest(studentWords, begun + word));
            }

            assertThat(map(projection.start(KEPT, KEPT, utf8(begun)), List.of()))
                    .isEqualTo(start);
            if (!begun.isEmpty()) {
                assertThat(map(projection.next(KEPT, utf8(begun)), teacherWords))
                        .isEqualTo(next);
            }
        }
    }

    /** " a" at the beginning of a response means "a" on the side that drops its space. */
    @Test
    void droppedSpace_isReadWithoutIt() {
        Vocabulary teacher = vocabulary(List.of(" ab", "ab", " ", "a", "b", " b", ""));
        Vocabulary student = vocabulary(List.of(" a", "a", "b", " ", "abx", ""));
        PrefixProjection projection = new PrefixProjection(teacher, student);

        assertThat(map(projection.start(DROPPED, KEPT, utf8("")), List.of()))
                .isEqualTo(Map.of(0, 1, 1, 1, 3, 1, 4, 2, 5, 2, 6, 5));
        assertThat(map(projection.start(DROPPED, KEPT, utf8("a")), List.of())).isEqualTo(Map.of(0, 2, 1, 2));
        assertThat(map(projection.start(KEPT, DROPPED, utf8("")), List.of())).isEqualTo(Map.of(1, 0, 3, 0, 4, 2, 6, 5));
    }

    /** The first token of both sides has a dummy space: rows are found in the text without it. */
    @Test
    void groupAtTheBeginning_countsBytesWithoutTheDummySpace() {
        Vocabulary teacher = vocabulary(List.of(" ab", "ab", "c", "b", "a", ""));
        Vocabulary student = vocabulary(List.of(" a", "b", "c", "a", "bc", ""));
        int[] teacherIds = {0, 2};
        int[] studentIds = {0, 4};
        TokenKind[] kinds = {TokenKind.TEXT, TokenKind.TEXT};
        Alignment alignment = TokenAligner.align(
                TokenSpans.of(new int[] {2, 3}, kinds, 3, DROPPED), TokenSpans.of(new int[] {1, 3}, kinds, 3, DROPPED));
        PrefixProjection projection = new PrefixProjection(teacher, student);

        List<PrefixRow> rows = PrefixRow.of(alignment, teacher, teacherIds, student, studentIds, projection);

        assertThat(rows).hasSize(2);
        assertThat(rows.get(0).steps())
                .containsExactly(new PrefixRow.Step(0, projection.start(DROPPED, DROPPED, utf8("")), -1));
        assertThat(rows.get(1).steps())
                .containsExactly(
                        new PrefixRow.Step(0, projection.start(DROPPED, KEPT, utf8("a")), 0),
                        new PrefixRow.Step(1, projection.next(KEPT, utf8("b")), -1));
        assertThat(map(rows.get(1).steps().get(1).table(), List.of("", "", "c", "", "", ""))
                        .get(2))
                .isEqualTo(4);
    }

    @Test
    void tokensWithoutText_areLeftOut() {
        Vocabulary teacher = Vocabulary.of(utf8("ab"), new int[] {1, 1, 2, 2}, new byte[] {0, 2, 0, 0});
        PrefixProjection projection = new PrefixProjection(teacher, vocabulary(List.of("a", "b", "")));

        assertThat(teacher.kind(1)).isEqualTo(TokenKind.CONTROL);
        assertThat(projection.leftOut(6)).isEqualTo(TokenIds.of(1, 3, 4, 5));
    }

    /** 150,000 tokens a side: tables of both kinds in seconds, most of them far faster. */
    @Test
    void largeVocabularies_areProjectedInSeconds() {
        Random random = new Random(5);
        Vocabulary teacher = vocabulary(large(random));
        Vocabulary student = vocabulary(large(random));

        long start = System.nanoTime();
        PrefixProjection projection = new PrefixProjection(teacher, student);
        PrefixTable whole = projection.start(KEPT, KEPT, utf8(""));
        for (char first = 'a'; first <= 'z'; first++) {
            projection.start(KEPT, KEPT, utf8("" + first));
            projection.next(KEPT, utf8(first + "e"));
        }

        assertThat(whole.teacherIds().size()).isGreaterThan(149_000);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(60));
    }

    private static List<String> large(Random random) {
        List<String> words = new ArrayList<>(
                IntStream.rangeClosed('a', 'z').mapToObj(Character::toString).toList());
        while (words.size() < 150_000) {
            StringBuilder word = new StringBuilder();
            int length = 2 + random.nextInt(8);
            for (int i = 0; i < length; i++) {
                word.append((char) ('a' + Math.min(random.nextInt(26), random.nextInt(26))));
            }
            words.add(word.toString());
        }
        words.add("");
        return words;
    }

    private static void put(Map<Integer, Integer> map, int id, int target) {
        if (target >= 0) {
            map.put(id, target);
        }
    }

    /** By search: the first of the longest words that begin the text; -1 if none does. */
    private static int longest(List<String> words, String text) {
        int best = -1;
        for (int id = 0; id < words.size(); id++) {
            String word = words.get(id);
            boolean isLonger = best < 0 || word.length() > words.get(best).length();
            best = !word.isEmpty() && text.startsWith(word) && isLonger ? id : best;
        }
        return best;
    }

    /** The listed tokens and, of {@code all}, the others. */
    private static Map<Integer, Integer> map(PrefixTable table, List<String> all) {
        Map<Integer, Integer> found = new TreeMap<>();
        for (int id = 0; id < all.size(); id++) {
            put(found, id, table.others());
        }
        for (int i = 0; i < table.teacherIds().size(); i++) {
            found.put(table.teacherIds().get(i), table.studentIds().get(i));
        }
        return found;
    }

    /** Distinct random words of a, b and c, some sharing a spelling with another id, and the end. */
    private static List<String> words(Random random, int count) {
        List<String> words = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            StringBuilder word = new StringBuilder();
            int length = 1 + random.nextInt(5);
            for (int k = 0; k < length; k++) {
                word.append((char) ('a' + random.nextInt(3)));
            }
            words.add(word.toString());
        }
        words.add("");
        return words;
    }

    private static Vocabulary vocabulary(List<String> words) {
        int[] ends = new int[words.size()];
        byte[] kinds = new byte[words.size()];
        int at = 0;
        for (int id = 0; id < ends.length; id++) {
            at += words.get(id).length();
            ends[id] = at;
            kinds[id] = (byte) (words.get(id).isEmpty() ? TokenKind.END : TokenKind.TEXT).code();
        }
        return Vocabulary.of(utf8(String.join("", words)), ends, kinds);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
