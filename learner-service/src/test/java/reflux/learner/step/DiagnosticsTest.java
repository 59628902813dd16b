// SPDX-License-Identifier: Apache-2.0
package reflux.learner.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import reflux.learner.align.AlignmentStats;
import reflux.learner.align.VocabularyMap;
import reflux.learner.ledger.Origin;
import reflux.learner.loss.Heads;
import reflux.learner.loss.Term;
import reflux.learner.objective.HeadMaths;
import reflux.learner.objective.LossBatch;
import reflux.learner.objective.LossSite;
import reflux.learner.objective.Response;
import reflux.learner.objective.StudentPass;
import reflux.learner.objective.Terms;
import reflux.model.decoder.Parameter;
import reflux.model.engine.DataType;
import reflux.model.engine.Engine;
import reflux.model.engine.EngineSettings;
import reflux.model.engine.EngineThread;
import reflux.model.engine.Scope;
import reflux.model.engine.Tensor;

/** Every number against {@link DiagnosticsOracle}, in f64; random states and heads, seeds 1 to 4. */
class DiagnosticsTest {
    private static EngineThread thread;

    @BeforeAll
    static void start() {
        thread = EngineThread.start(EngineSettings.cpu("diagnostics-test", 1));
    }

    @AfterAll
    static void stop() {
        thread.close();
    }

    @Test
    void twoVocabularies_haveTheOraclesNumbers() {
        DiagnosticsOracle oracle = new DiagnosticsOracle(DiagnosedResponses.mixed());

        Terms terms = measure(DiagnosedResponses.mixed(), RowChoice.ALL);

        assertThat(terms.loss()).isZero();
        assertThat(terms.terms().keySet()).isEqualTo(oracle.terms().keySet());
        assertThat(terms.terms())
                .containsOnlyKeys(
                        "kl_forward_per_token",
                        "kl_reverse_per_token",
                        "student_entropy",
                        "teacher_entropy",
                        "top1_agreement",
                        "log_prob_gap",
                        "sampler_mismatch_kl",
                        "policy_drift_kl");
        oracle.terms().forEach((name, expected) -> assertClose(name, terms, expected));
    }

    @Test
    void nothingSampledAndNoTeacher_leavesTheEntropyAlone() {
        Terms terms = measure(List.of(DiagnosedResponses.given()), RowChoice.ALL);

        assertThat(terms.terms()).containsOnlyKeys("student_entropy");
    }

    @Test
    void teacherThatSaysLogProbsOnly_givesTheGap() {
        Response response = DiagnosedResponses.withLogProbs(-0.5f, -2f);
        DiagnosticsOracle oracle = new DiagnosticsOracle(List.of());
        double expected = -0.5 - oracle.logQ(0)[3] - 2 - oracle.logQ(1)[0];

        Terms terms = measure(List.of(response), RowChoice.ALL, false);

        assertThat(terms.terms()).containsOnlyKeys("student_entropy", "log_prob_gap", "sampler_mismatch_kl");
        assertClose("log_prob_gap", terms, new Term(expected, 2));
    }

    @Test
    void shareOfTheRows_isTheSameHoweverTheyAreSplit() {
        RowChoice half = new RowChoice(7, 0.5);
        List<Response> responses = DiagnosedResponses.mixed();

        Terms whole = measure(responses, half);
        Terms parts = Terms.NONE;
        for (Response response : responses) {
            parts = parts.plus(measure(List.of(response), half));
        }

        assertThat(whole.terms().get("student_entropy").denominator()).isBetween(1L, 7L);
        assertThat(parts.terms().keySet()).isEqualTo(whole.terms().keySet());
        for (Map.Entry<String, Term> term : parts.terms().entrySet()) {
            assertClose(term.getKey(), whole, term.getValue());
        }
    }

    @Test
    void limitOfRows_isAboutKept_andFedOnesAreAllTaken() {
        RowChoice choice = RowChoice.of(300, 1200, 5);
        Response response = DiagnosedResponses.given();
        Response fed = DiagnosedResponses.from(Origin.FEED);

        int taken = 0;
        for (int token = 0; token < 1200; token++) {
            taken += choice.takes(response, token) ? 1 : 0;
            assertThat(choice.takes(fed, token)).isTrue();
        }

        assertThat(taken).isBetween(250, 350);
        assertThat(RowChoice.of(0, 1200, 5)).isEqualTo(RowChoice.ALL);
        assertThat(RowChoice.of(1200, 1200, 5)).isEqualTo(RowChoice.ALL);
    }

    @Test
    void normsOfTheLosssOwnParameters_areOverAllOfThem() {
        thread.call(engine -> {
            try (Fixture fixture = new Fixture(engine, List.of(), true)) {
                Parameter one = parameter(fixture.scope, new double[] {3, 0}, new double[] {1, 2});
                Parameter two = parameter(fixture.scope, new double[] {0, 4}, new double[] {2, 4});

                Terms norms = fixture.diagnostics.norms(List.of(one, two));

                assertThat(norms.values())
                        .containsEntry("projector_norm", 5.0)
                        .containsEntry("projector_grad_norm", 5.0);
                assertThat(fixture.diagnostics.norms(List.of())).isEqualTo(Terms.NONE);
            }
            return 0;
        });
    }

    @Test
    void lengthsAndCoverage_areSumsOverSums() {
        AlignmentStats stats = new AlignmentStats(2, 3, 1, 5, 2, 6, 8, 0);

        assertThat(Diagnostics.lengths(stats, 9, 2).values())
                .isEqualTo(Map.of("response_tokens", 4.5, "byte_coverage", 0.75));
        assertThat(Diagnostics.lengths(AlignmentStats.NONE, 9, 2).values()).containsOnlyKeys("response_tokens");
    }

    @Test
    void tokenThatItsSamplerHeldForImpossible_staysFinite() {
        DiagnosticSums sums = new DiagnosticSums();

        sums.own(new DiagnosedRows.Row(0, 0, -1, -1, -1e30, 0, Double.NaN), -1, 2);

        assertThat(sums.terms().value("sampler_mismatch_kl")).isFinite().isGreaterThan(1e40);
    }

    private static void assertClose(String name, Terms terms, Term expected) {
        Term actual = terms.terms().get(name);
        assertThat(actual.denominator()).as(name).isEqualTo(expected.denominator());
        assertThat(actual.numerator()).as(name).isCloseTo(expected.numerator(), within(1e-9));
    }

    private static Parameter parameter(Scope scope, double[] value, double[] gradient) {
        return new Parameter("p", scope.doubles(value, 2), scope.doubles(gradient, 2));
    }

    private static Terms measure(List<Response> responses, RowChoice choice) {
        return measure(responses, choice, true);
    }

    private static Terms measure(List<Response> responses, RowChoice choice, boolean hasStates) {
        return thread.call(engine -> {
            try (Fixture fixture = new Fixture(engine, responses, hasStates)) {
                return fixture.diagnostics.measure(fixture.student, fixture.batch, choice);
            }
        });
    }

    /** The oracle's states and heads as tensors. */
    private static final class Fixture implements AutoCloseable {
        private final Scope scope;
        private final HeadMaths maths;
        private final Diagnostics diagnostics;
        private final LossBatch batch;
        private final StudentPass student;

        Fixture(Engine engine, List<Response> responses, boolean hasStates) {
            this.scope = engine.scope().child();
            this.maths = new HeadMaths(engine);
            Tensor head = tensor(DiagnosticsOracle.STUDENT_HEAD);
            Heads heads =
                    new Heads(head, scope.zeros(DataType.F64, head.shape()), tensor(DiagnosticsOracle.TEACHER_HEAD));
            VocabularyMap map = VocabularyMap.between(DiagnosedResponses.TEACHER, DiagnosedResponses.STUDENT);
            LossSite site = new LossSite(
                    engine,
                    heads,
                    maths,
                    DiagnosedResponses.STUDENT,
                    DiagnosedResponses.TEACHER,
                    map,
                    Optional.empty());
            this.diagnostics = new Diagnostics(site);
            this.batch = new LossBatch(
                    responses,
                    DiagnosticsOracle.STUDENT_ROWS.length,
                    DiagnosticsOracle.TEACHER_ROWS.length,
                    hasStates ? Optional.of(tensor(DiagnosticsOracle.TEACHER_ROWS)) : Optional.empty());
            this.student = new StudentPass(site, scope, tensor(DiagnosticsOracle.STUDENT_ROWS));
        }

        private Tensor tensor(double[][] rows) {
            double[] values =
                    Arrays.stream(rows).flatMapToDouble(Arrays::stream).toArray();
            return scope.doubles(values, rows.length, rows[0].length);
        }

        @Override
        public void close() {
            diagnostics.close();
            maths.close();
            scope.close();
        }
    }
}
