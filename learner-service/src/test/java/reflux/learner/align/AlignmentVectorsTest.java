// SPDX-License-Identifier: Apache-2.0
package reflux.learner.align;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import reflux.learner.vectors.KdVector;
import reflux.model.text.TokenIds;
import reflux.model.text.TokenKind;
import reflux.model.text.Vocabulary;

/** The worked examples of the specification: spellings and spans in, pairs, groups and leftovers out. */
class AlignmentVectorsTest {

    record Case(String name, JsonNode json) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Case> cases() {
        return StreamSupport.stream(KdVector.of("eta_alignments").out("cases").spliterator(), false)
                .map(json -> new Case(json.get("name").asText(), json));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void workedExample_alignsByBytes(Case example) {
        JsonNode json = example.json();
        boolean isMarker = example.name().equals("literal_marker");

        Alignment alignment = TokenAligner.align(
                spans(json.get("teacher_spans"), Integer.MAX_VALUE),
                spans(json.get("student_spans"), isMarker ? 1 : Integer.MAX_VALUE));

        assertThat(pairs(alignment.exactPairs())).isEqualTo(pairs(json.get("byte_exact_pairs")));
        assertThat(alignment.groups().stream()
                        .map(group -> List.of(group.teacher(), group.student()))
                        .toList())
                .isEqualTo(groups(json.get("byte_groups")));
        assertThat(pairs(alignment.endPairs())).isEqualTo(pairs(json.get("byte_eos_pair")));
        assertThat(List.of(alignment.teacherLeftover(), alignment.studentLeftover()))
                .isEqualTo(List.of(
                        ids(json.get("byte_leftover").get(0)),
                        ids(json.get("byte_leftover").get(1))));
        assertThat(alignment.stats().mismatches()).isEqualTo(isMarker ? 1 : 0);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void workedExample_spansFollowFromTheSpellings(Case example) {
        JsonNode json = example.json();

        assertThat(spans(json, "teacher")).isEqualTo(json.get("teacher_spans"));
        assertThat(spans(json, "student")).isEqualTo(json.get("student_spans"));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void workedExample_publishedScanDoesWhatItsAuthorsPublished(Case example) {
        JsonNode json = example.json();

        List<TokenPair> found = PublishedScan.align(
                KdVector.strings(json.get("teacher")),
                json.get("teacher_eos").asText(),
                KdVector.strings(json.get("student")),
                json.get("student_eos").asText());

        assertThat(pairs(found)).isEqualTo(pairs(json.get("eta_dskdv2")));
    }

    @Test
    void interleavedTokens_emitEachGroupAsSoonAsBothCursorsMeet() {
        KdVector vector = KdVector.of("byte_stream");
        TokenSpans teacher = spans(vector.in("teacher_spans"), Integer.MAX_VALUE);
        TokenSpans student = spans(vector.in("student_spans"), Integer.MAX_VALUE);
        TokenAligner aligner = new TokenAligner();

        for (JsonNode step : vector.out("steps")) {
            int index = step.get("index").asInt();
            List<TokenGroup> emitted = step.get("feed").asText().equals("T")
                    ? aligner.feedTeacher(teacher.kind(index), teacher.end(index))
                    : aligner.feedStudent(student.kind(index), student.end(index));
            assertThat(emitted.stream()
                            .map(group -> List.of(group.teacher(), group.student()))
                            .toList())
                    .as("step %s", step)
                    .isEqualTo(groups(step.get("emitted")));
        }

        Alignment alignment = aligner.finish();
        assertThat(pairs(alignment.exactPairs())).isEqualTo(pairs(vector.out("exact_pairs")));
        assertThat(alignment.groups())
                .isEqualTo(TokenAligner.align(teacher, student).groups());
        assertThat(pairs(PublishedScan.align(
                        KdVector.strings(vector.in("teacher")),
                        "<end>",
                        KdVector.strings(vector.in("student")),
                        "</s>")))
                .isEqualTo(pairs(vector.out("eta_published")));
    }

    /** Spans as the vectors write them, made from the spellings by vocabulary and dummy prefix. */
    private static JsonNode spans(JsonNode json, String side) {
        List<String> pieces = KdVector.strings(json.get(side));
        String end = json.get(side + "_eos").asText();
        Vocabulary vocabulary = json.get(side + "_kind").asText().equals("bl")
                ? TestVocabulary.byteLevel(end, pieces)
                : TestVocabulary.sentencePiece(end, pieces);
        int[] ids = IntStream.range(0, pieces.size()).toArray();
        int dropped = side.equals("student") && json.get("student_dummy_prefix").asBoolean() ? 1 : 0;
        int[] ends = Arrays.stream(vocabulary.ends(ids)).map(at -> at - dropped).toArray();
        TokenSpans spans = TokenSpans.tokenized(vocabulary, ids, ends, Integer.MAX_VALUE);
        assertThat(spans.leadingSpace()).isEqualTo(dropped == 1 ? LeadingSpace.DROPPED : LeadingSpace.KEPT);
        ArrayNode array = new ObjectMapper().createArrayNode();
        for (int i = 0; i < spans.size(); i++) {
            array.addArray()
                    .add(spans.kind(i) == TokenKind.END ? "E" : "T")
                    .add(spans.start(i))
                    .add(spans.end(i));
        }
        return array;
    }

    private static TokenSpans spans(JsonNode json, int covered) {
        int[] ends = new int[json.size()];
        TokenKind[] kinds = new TokenKind[json.size()];
        for (int i = 0; i < ends.length; i++) {
            ends[i] = json.get(i).get(2).asInt();
            kinds[i] = json.get(i).get(0).asText().equals("E") ? TokenKind.END : TokenKind.TEXT;
        }
        int spelled = ends.length == 0 ? 0 : ends[ends.length - 1];
        return TokenSpans.of(ends, kinds, Math.min(spelled, covered), LeadingSpace.KEPT);
    }

    private static List<List<Integer>> pairs(List<TokenPair> pairs) {
        return pairs.stream()
                .map(pair -> List.of(pair.teacher(), pair.student()))
                .toList();
    }

    private static List<List<Integer>> pairs(JsonNode json) {
        List<List<Integer>> pairs = new ArrayList<>();
        json.forEach(pair -> pairs.add(List.of(pair.get(0).asInt(), pair.get(1).asInt())));
        return pairs;
    }

    private static List<List<TokenIds>> groups(JsonNode json) {
        List<List<TokenIds>> groups = new ArrayList<>();
        json.forEach(group -> groups.add(List.of(ids(group.get(0)), ids(group.get(1)))));
        return groups;
    }

    private static TokenIds ids(JsonNode json) {
        return TokenIds.of(KdVector.ints(json));
    }
}
