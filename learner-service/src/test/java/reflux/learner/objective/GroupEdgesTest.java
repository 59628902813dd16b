// SPDX-License-Identifier: Apache-2.0
package reflux.learner.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reflux.learner.vectors.KdVector;
import reflux.model.engine.DataType;
import reflux.model.engine.EngineSettings;
import reflux.model.engine.EngineThread;
import reflux.model.engine.Scope;
import reflux.model.engine.Script;
import reflux.model.engine.Tensor;

/** Group losses where probabilities are all but 0 or 1, where there is nothing to compare, and settings that cannot be. */
class GroupEdgesTest {
    private static EngineThread thread;

    @BeforeAll
    static void start() {
        thread = EngineThread.start(EngineSettings.cpu("group-edges", 1));
    }

    @AfterAll
    static void stop() {
        thread.close();
    }

    /** Two tokens, the realised one's logit ahead by 5 to 200: the gap 1 − Q goes down to e^-200. */
    @ParameterizedTest
    @ValueSource(doubles = {5, 15, 40, 80, 200, -40, -200})
    void sureTokens_haveFiniteValuesAndTheExactGradient(double lead) {
        thread.call(engine -> {
            try (Scope scope = engine.scope().child();
                    Script script = Script.load(engine, GroupLikelihoodTerm.class, "group_likelihood.py")) {
                for (double teacherLead : new double[] {-3, 0.5, lead, 300}) {
                    List<Tensor> found =
                            script.callAll(scope, "likelihood", side(scope, lead), side(scope, teacherLead), 1, 1.0);
                    double[] gradient = found.get(1).doubles();

                    assertThat(found.get(0).item()).isBetween(-1e-6, 500.0);
                    // one token: d KL / d z = Q - P on the realised one, and the opposite on the other
                    double exact = sigmoid(lead) - sigmoid(teacherLead);
                    assertThat(gradient[0]).isCloseTo(exact, within(1e-6));
                    assertThat(gradient[1]).isCloseTo(-exact, within(1e-6));
                }
                double same = script.callAll(scope, "likelihood", side(scope, lead), side(scope, lead), 1, 1.0)
                        .get(0)
                        .item();
                assertThat(same).isCloseTo(0, within(1e-9));
            }
            return 0;
        });
    }

    private static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    private static List<Tensor> side(Scope scope, double lead) {
        return List.of(
                KdVector.tensor(scope, DataType.F32, new double[] {lead, 0}, 1, 2),
                scope.ints(new int[1], 1),
                scope.ints(new int[1], 1));
    }

    /** The teacher thinks next to nothing of the bytes that the student has begun: what follows them counts all the same. */
    @Test
    void unlikelyPrefix_isConditionedOn() {
        double[][] teacher = new double[1][11];
        Arrays.fill(teacher[0], 50);
        teacher[0][6] = -60;
        teacher[0][0] = -61;
        CrossReply reply =
                new CrossReply(new int[] {2, 3}, PlainMaths.gaussian(4, 2, 9), new int[] {6}, teacher, false);

        CrossStep.Result result = run(reply, new GroupTerms(false, true, 1, 1));

        double[] q = PlainMaths.softmax(reply.states()[1]);
        double cab = Math.exp(1) / (1 + Math.exp(1));
        double[] gradient = Arrays.copyOfRange(result.rows().get(0), 9, 18);
        // behind "c": "cab" says "ab", which is token 3, and "ca" says "a", which is token 0
        assertThat(gradient[3]).isCloseTo((q[3] - cab) / 2, within(1e-6));
        assertThat(gradient[0]).isCloseTo((q[0] - 1 + cab) / 2, within(1e-6));
        assertThat(Arrays.stream(gradient).sum()).isCloseTo(0, within(1e-6));
    }

    @Test
    void onlyPairs_haveNoGroupLossAndNoGradient() {
        CrossReply reply = new CrossReply(
                new int[] {0, 1, 7},
                PlainMaths.gaussian(4, 3, 9),
                new int[] {4, 1, 8},
                PlainMaths.gaussian(5, 3, 11),
                false);

        CrossStep.Result result = run(reply, new GroupTerms(true, true, 1, 1));

        assertThat(result.terms().loss()).isZero();
        assertThat(result.rows().get(0)).containsOnly(0);
        assertThat(result.head()).containsOnly(0);
    }

    private static CrossStep.Result run(CrossReply reply, GroupTerms groups) {
        CrossWords small = CrossWords.small();
        CrossWords words = new CrossWords(small.student(), small.teacher(), 9, 11);
        return thread.call(engine -> {
            try (CrossStep step = new CrossStep(engine, DataType.F32, words, identity(9), identity(11));
                    ObjectiveLoss loss = groups.addedTo(new GoldLoss(step.site, 0, 0), step.site)) {
                return step.run(loss, List.of(reply));
            }
        });
    }

    private static double[][] identity(int size) {
        double[][] rows = new double[size][size];
        for (int i = 0; i < size; i++) {
            rows[i][i] = 1;
        }
        return rows;
    }

    @Test
    void settingsThatCannotBe_areNamedWithKeyValueAndRemedy() {
        refused("learner.group_loss is 'some'; use none, likelihood, prefix or both", "group_loss", "some");
        refused("learner.group_weight is -1.0; set a number from 0 on", "group_weight", -1);
        refused(
                "learner.group_loss is 'both'; the published alignment makes no groups, set none or alignment: bytes",
                "group_loss",
                "both",
                "alignment",
                "published");
        refused("learner.uld_alignment is 'x'; use text or positional", "objective", "uld", "uld_alignment", "x");
        refused("learner.uld_weight is -1.0; set a number from 0 on", "objective", "uld", "uld_weight", -1);
        refused("learner.beta is 2.0; set a number from 0 to 1", "objective", "gold", "beta", 2);
        refused(
                "learner.uld_matched_weight is 2.0; set a number from 0 to 1, or -1 for the share of the teacher's tokens"
                        + " that are matched",
                "objective",
                "gold",
                "uld_matched_weight",
                2);
    }

    private static void refused(String message, Object... keys) {
        assertThatThrownBy(() -> Objective.of(TestSettings.with(keys)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }
}
