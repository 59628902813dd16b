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

/** The published scan over vocabularies that are known by their bytes only. */
class PublishedAlignerTest {
    private static final String NAMES = "abcdefghijklmnopqrstuvwxyz";

    @Test
    void pieces_areSpelledAsTokenizersSpellThem() {
        PieceSpelling byteLevel = new PieceSpelling(TestVocabulary.byteLevel(
                "<end>", List.of("\u0120a", "\u010a", "\u00c3\u00a9", "<end>", "\u0143\u0121")));
        PieceSpelling sentencePiece =
                new PieceSpelling(TestVocabulary.sentencePiece("</s>", fallbackAnd("\u2581a", "\u00e9", "a", "</s>")));

        assertThat(byteLevel.isSentencePiece()).isFalse();
        assertThat(IntStream.range(0, 5).mapToObj(byteLevel::piece))
                .containsExactly("\u0120a", "\u010a", "\u00c3\u00a9", byteLevel.end(), "\u0143\u0121");
        assertThat(sentencePiece.isSentencePiece()).isTrue();
        assertThat(List.of(0, 10, 32, 256, 257, 258, 259).stream().map(sentencePiece::piece))
                .containsExactly("<0x00>", "<0x0A>", "<0x20>", "\u2581a", "\u00e9", "a", sentencePiece.end());
    }

    /** The initial alphabet of a byte-level tokenizer may be in order of bytes too; but it spells each byte once. */
    @Test
    void orderedBytesWithoutOthers_areByteLevel() {
        assertThat(new PieceSpelling(TestVocabulary.sentencePiece("</s>", fallbackAnd("\u2581ab"))).isSentencePiece())
                .isFalse();
    }

    /** The worked examples again, with vocabularies in which SentencePiece can be told. */
    @Test
    void workedExamples_alignAsPublished() {
        for (JsonNode json : KdVector.of("eta_alignments").out("cases")) {
            if (json.get("name").asText().equals("literal_marker")) {
                continue;
            }
            Side teacher = Side.of(json, "teacher");
            Side student = Side.of(json, "student");

            Alignment alignment = new PublishedAligner(teacher.vocabulary, student.vocabulary)
                    .align(teacher.ids, teacher.spans(), student.ids, student.spans());

            List<List<Integer>> found = new ArrayList<>();
            alignment.exactPairs().forEach(pair -> found.add(List.of(pair.teacher(), pair.student())));
            alignment.endPairs().forEach(pair -> found.add(List.of(pair.teacher(), pair.student())));
            List<List<Integer>> expected = new ArrayList<>();
            json.get("eta_dskdv2")
                    .forEach(pair -> expected.add(
                            List.of(pair.get(0).asInt(), pair.get(1).asInt())));
            assertThat(found).as(json.get("name").asText()).isEqualTo(expected);
        }
    }

    /** Property (g) where it holds for the scan: in order, each token once, symmetric; every pair is a group of its own. */
    @Test
    void anyTokens_pairOnceInOrderAndSymmetrically() {
        Random random = new Random(7);
        Vocabulary vocabulary = TestVocabulary.byteLevel("<end>", pieces());
        PublishedAligner aligner = new PublishedAligner(vocabulary, vocabulary);
        for (int round = 0; round < 300; round++) {
            int[] teacher =
                    random.ints(random.nextInt(30), 0, vocabulary.size()).toArray();
            int[] student = random.nextBoolean()
                    ? teacher.clone()
                    : random.ints(random.nextInt(30), 0, vocabulary.size()).toArray();
            TokenSpans teacherSpans = TokenSpans.sampled(vocabulary, teacher);
            TokenSpans studentSpans = TokenSpans.sampled(vocabulary, student);

            Alignment there = aligner.align(teacher, teacherSpans, student, studentSpans);
            Alignment back = aligner.align(student, studentSpans, teacher, teacherSpans);

            List<TokenPair> pairs = there.exactPairs();
            for (int i = 1; i < pairs.size(); i++) {
                assertThat(pairs.get(i).teacher())
                        .isGreaterThan(pairs.get(i - 1).teacher());
                assertThat(pairs.get(i).student())
                        .isGreaterThan(pairs.get(i - 1).student());
            }
            assertThat(pairs).hasSameSizeAs(there.groups());
            assertThat(back.exactPairs())
                    .isEqualTo(pairs.stream()
                            .map(pair -> new TokenPair(pair.student(), pair.teacher()))
                            .toList());
            if (java.util.Arrays.equals(teacher, student)) {
                assertThat(there.stats().exactPairRatio()).isEqualTo(teacher.length == 0 || isAllEnds(teacher) ? 0 : 1);
                assertThat(there.studentLeftover().size()).isZero();
            }
        }
    }

    private static boolean isAllEnds(int[] ids) {
        return IntStream.of(ids).allMatch(id -> id == 0);
    }

    private static List<String> pieces() {
        List<String> pieces = new ArrayList<>(List.of("<end>", "\u0120", "\u0120\u0120", "ab", "bc", "\u0120ab"));
        NAMES.chars().forEach(c -> pieces.add(String.valueOf((char) c)));
        return pieces;
    }

    private static List<String> fallbackAnd(String... pieces) {
        List<String> all = new ArrayList<>();
        for (int value = 0; value < 256; value++) {
            all.add(String.format("<0x%02X>", value));
        }
        all.addAll(List.of(pieces));
        return all;
    }

    /** A side of a worked example: its pieces as a vocabulary, behind a byte-fallback block where it is SentencePiece. */
    private record Side(Vocabulary vocabulary, int[] ids, int dropped) {
        static Side of(JsonNode json, String side) {
            List<String> pieces = KdVector.strings(json.get(side));
            String end = json.get(side + "_eos").asText();
            if (json.get(side + "_kind").asText().equals("bl")) {
                List<String> all = new ArrayList<>(pieces);
                all.add(end);
                return new Side(
                        TestVocabulary.byteLevel(end, all),
                        IntStream.range(0, pieces.size()).toArray(),
                        0);
            }
            List<String> all = fallbackAnd(pieces.toArray(String[]::new));
            all.add("a");
            all.add(end);
            int[] ids = IntStream.range(0, pieces.size())
                    .map(i -> all.indexOf(pieces.get(i)))
                    .toArray();
            boolean isDropped =
                    side.equals("student") && json.get("student_dummy_prefix").asBoolean();
            return new Side(TestVocabulary.sentencePiece(end, all), ids, isDropped ? 1 : 0);
        }

        TokenSpans spans() {
            int[] ends =
                    IntStream.of(vocabulary.ends(ids)).map(at -> at - dropped).toArray();
            return TokenSpans.tokenized(vocabulary, ids, ends, Integer.MAX_VALUE);
        }
    }
}
