// SPDX-License-Identifier: Apache-2.0
package reflux.learner.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import reflux.learner.vectors.KdVector;
import reflux.model.engine.DataType;
import reflux.model.engine.EngineSettings;
import reflux.model.engine.EngineThread;

/** Both losses on tokens that do not pair, against numbers that group_vectors.py found by brute force over strings. */
class GroupVectorsTest {
    private static EngineThread thread;

    record Case(DataType type, JsonNode json) {
        @Override
        public String toString() {
            return json.get("name").asText() + ", " + type;
        }
    }

    @BeforeAll
    static void start() {
        thread = EngineThread.start(EngineSettings.cpu("group-vectors", 1));
    }

    @AfterAll
    static void stop() {
        thread.close();
    }

    static Stream<Case> cases() throws IOException {
        try (InputStream in = GroupVectorsTest.class.getResourceAsStream("/group-vectors.json")) {
            JsonNode all = new ObjectMapper().readTree(in);
            return StreamSupport.stream(all.spliterator(), false)
                    .flatMap(json -> Stream.of(new Case(DataType.F32, json), new Case(DataType.F64, json)));
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void prefixTerm_hasTheBruteForceValueAndGradient(Case given) {
        check(given, "prefix", "group_prefix");
    }

    @ParameterizedTest
    @MethodSource("cases")
    void likelihoodTerm_hasTheBruteForceValueAndGradient(Case given) {
        check(given, "likelihood", "group_likelihood");
    }

    /** The gold loss beside it is 0, because nothing is given; heads are the identity, so that rows are logits. */
    private static void check(Case given, String groupLoss, String term) {
        JsonNode expected = given.json().get(groupLoss);
        CrossWords small = CrossWords.small();
        int width = small.teacher().size() + 1;
        CrossWords words = new CrossWords(small.student(), small.teacher(), 9, width);
        CrossReply reply = new CrossReply(
                KdVector.ints(given.json().get("student_tokens")),
                rows(given.json().get("student_logits")),
                KdVector.ints(given.json().get("teacher_tokens")),
                rows(given.json().get("teacher_logits")),
                false);
        GroupTerms groups = new GroupTerms(
                groupLoss.equals("likelihood"),
                groupLoss.equals("prefix"),
                1,
                given.json().get("temperature").asDouble());
        thread.call(engine -> {
            try (CrossStep step = new CrossStep(engine, given.type(), words, identity(9), identity(width));
                    ObjectiveLoss loss = groups.addedTo(new GoldLoss(step.site, 0, 0), step.site)) {
                CrossStep.Result result = step.run(loss, List.of(reply));

                assertThat(result.terms().terms().get(term).denominator())
                        .isEqualTo(expected.get("kl").size());
                double tolerance = given.type() == DataType.F64 ? 1e-9 : 1e-5;
                double mean = expected.get("mean").asDouble();
                assertThat(result.terms().value(term)).isCloseTo(mean, within(tolerance * mean));
                assertThat(result.terms().loss()).isCloseTo(mean, within(tolerance * mean));
                assertThat(result.rows().get(0))
                        .containsExactly(KdVector.numbers(expected.get("gradient")), within(tolerance));
            }
            return 0;
        });
    }

    private static double[][] identity(int size) {
        double[][] rows = new double[size][size];
        for (int i = 0; i < size; i++) {
            rows[i][i] = 1;
        }
        return rows;
    }

    private static double[][] rows(JsonNode matrix) {
        double[][] rows = new double[matrix.size()][];
        Arrays.setAll(rows, i -> KdVector.numbers(matrix.get(i)));
        return rows;
    }
}
