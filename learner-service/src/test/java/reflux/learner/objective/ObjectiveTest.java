// SPDX-License-Identifier: Apache-2.0
package reflux.learner.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;
import reflux.learner.loss.Spaces;

/** What each objective is called and asks for, and what its keys may be. */
class ObjectiveTest {
    private static final List<String> NAMES = Objective.NAMES;

    @ParameterizedTest
    @FieldSource("NAMES")
    void eachName_isThatOfItsObjective(String name) {
        assertThat(Objective.of(TestSettings.with("objective", name)).name()).isEqualTo(name);
    }

    @ParameterizedTest
    @CsvSource({
        "distillm, HIDDEN_STATES, SAME, false",
        "dpkd, HIDDEN_STATES, SAME, false",
        "dskd, HIDDEN_STATES, SAME, false",
        "dskd-cma, HIDDEN_STATES, ANY, true",
        "dskd-v2, HIDDEN_STATES, ANY, false",
        "gkd, HIDDEN_STATES, SAME, false",
        "gold, HIDDEN_STATES, ANY, false",
        "iw-opd, SAMPLED_LOG_PROB, SAME, false",
        "mined, HIDDEN_STATES, ANY, false",
        "minillm, HIDDEN_STATES, SAME, false",
        "sft, NONE, ANY, false",
        "simple-ctkd, HIDDEN_STATES, ANY, false",
        "sinkd, HIDDEN_STATES, SAME, false",
        "uld, HIDDEN_STATES, ANY, false",
        "vanilla-kd, HIDDEN_STATES, SAME, false"
    })
    void eachObjective_asksForNoMoreThanItNeeds(
            String name, Needs.Signal signal, Needs.Vocabularies vocabularies, boolean isEmbedding) {
        assertThat(Objective.of(TestSettings.with("objective", name)).needs())
                .isEqualTo(new Needs(signal, vocabularies, isEmbedding, 0));
    }

    @ParameterizedTest
    @CsvSource({"minillm, true", "iw-opd, true", "gkd, false", "dskd-v2, false"})
    void policyGradients_weighSamples(String name, boolean isWeighing) {
        assertThat(Objective.of(TestSettings.with("objective", name)).weighsSamples())
                .isEqualTo(isWeighing);
    }

    @Test
    void minillmWithoutSingleStep_asksForOneNumberPerToken() {
        assertThat(Objective.of(TestSettings.with("objective", "minillm", "single_step", false))
                        .needs())
                .isEqualTo(Needs.sampledLogProb());
    }

    @ParameterizedTest
    @CsvSource({
        "dskd-v2, topk_vocab, 0",
        "dskd-v2, topk_vocab, -2",
        "dskd-v2, projector_rtol, 1",
        "dskd-v2, projector_rtol, -0.1",
        "minillm, gamma, 1.1",
        "minillm, gamma, -0.1",
        "minillm, cliprange, 0",
        "minillm, reward_scaling, 0",
        "minillm, cliprange_reward, 0",
        "iw-opd, gamma, 1.1",
        "iw-opd, importance_clip, 0.9",
        "sinkd, sinkhorn_temperature, 0",
        "sinkd, sinkhorn_epsilon, 0",
        "sinkd, sinkhorn_iterations, 0",
        "uld, uld_weight, -1",
        "dskd-v2, group_weight, -1"
    })
    void valueOutsideItsRange_isRefusedWithKeyAndValue(String name, String key, double value) {
        Object given = value == Math.rint(value) ? (Object) (int) value : (Object) value;
        assertThatThrownBy(() -> Objective.of(TestSettings.with("objective", name, key, given)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("learner." + key + " is " + (given instanceof Integer ? "" + given : value));
    }

    @ParameterizedTest
    @CsvSource({
        "dskd-v2, topk_vocab, 1",
        "dskd-v2, topk_vocab, -1",
        "dskd-v2, projector_rtol, 0",
        "minillm, gamma, 0",
        "minillm, gamma, 1",
        "iw-opd, importance_clip, 1",
        "sinkd, sinkhorn_iterations, 1"
    })
    void endOfARange_isTaken(String name, String key, int value) {
        assertThat(Objective.of(TestSettings.with("objective", name, key, value))
                        .name())
                .isEqualTo(name);
    }

    @ParameterizedTest
    @CsvSource({"false, false, BOTH", "true, false, STUDENT", "false, true, TEACHER"})
    void spaces_areThoseOfTheKeys(boolean isStudent, boolean isTeacher, Spaces expected) {
        DskdV2 found = new DskdV2(TestSettings.with("only_student_space", isStudent, "only_teacher_space", isTeacher));

        assertThat(found.loss().spaces()).isEqualTo(expected);
    }

    @Test
    void bothSpacesAlone_areRefused() {
        assertThatThrownBy(() -> new DskdV2(TestSettings.with("only_student_space", true, "only_teacher_space", true)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("learner.only_student_space is true");
    }

    @ParameterizedTest
    @CsvSource({
        "dskd, only_student_space",
        "dskd, only_teacher_space",
        "dskd-cma, only_student_space",
        "dskd-cma, only_teacher_space"
    })
    void oneSpaceOfTheFirstVersion_isRefused(String name, String key) {
        assertThatThrownBy(() -> Objective.of(TestSettings.with("objective", name, key, true)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("learner." + key + " is true");
    }

    @Test
    void unknownName_isRefusedWithAllNames() {
        assertThatThrownBy(() -> Objective.of(TestSettings.with("objective", "dskd-v3")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'dskd-v3'")
                .hasMessageContaining("simple-ctkd, sinkd, uld");
    }
}
