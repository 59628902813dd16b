// SPDX-License-Identifier: Apache-2.0
package reflux.ring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static reflux.ring.Ring.await;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reflux.learner.RunSummary;

/** Each objective over loopback: it asks the teacher for what it needs, and trains on it. */
@Timeout(240)
class ObjectivesTest {
    private static final int STEPS = 3;

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"objective\": \"dskd-v2\"",
                "\"objective\": \"dskd-cma\"",
                "\"objective\": \"simple-ctkd\"",
                "\"objective\": \"uld\"",
                "\"objective\": \"mined\"",
                "\"objective\": \"gold\", \"lmbda\": 0.5"
            })
    void twoTokenizers_areTrainedAcross(String keys) throws Exception {
        try (Ring ring = new Ring(folder)) {
            assertTrained(ring, keys);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"objective\": \"dskd\"",
                "\"objective\": \"dpkd\"",
                "\"objective\": \"sinkd\"",
                "\"objective\": \"vanilla-kd\", \"lmbda\": 0, \"top_k_logits\": 8",
                "\"objective\": \"gkd\", \"lmbda\": 0.5",
                "\"objective\": \"distillm\", \"replay_ratio\": 0.2",
                "\"objective\": \"minillm\", \"teacher_mix\": 0.2",
                "\"objective\": \"minillm\", \"single_step\": false",
                "\"objective\": \"iw-opd\", \"max_staleness\": 4"
            })
    void oneTokenizer_isTrained(String keys) throws Exception {
        try (Ring ring = Ring.ofOneTokenizer(folder)) {
            assertTrained(ring, keys);
        }
    }

    @Test
    void oneVocabularyWantedOfTwoTokenizers_isRefusedWithARemedy() throws Exception {
        try (Ring ring = new Ring(folder)) {
            assertThatThrownBy(() -> ring.learner("run", "{\"objective\": \"gkd\"}"))
                    .hasMessageContaining("learner.objective is 'gkd'")
                    .hasMessageContaining("such as dskd-v2");
        }
    }

    @Test
    void noTeacher_givenResponsesAreLearned() throws Exception {
        try (Ring ring = new Ring(folder)) {
            assertTrained(ring, "\"objective\": \"sft\", \"lmbda\": 0, \"teachers\": []");
        }
    }

    @Test
    void adaptiveThreshold_startsWithGivenResponsesAndEvaluates() throws Exception {
        try (Ring ring = Ring.ofOneTokenizer(folder)) {
            assertTrained(
                    ring,
                    "\"objective\": \"distillm\", \"adaptive_threshold\": true, \"init_threshold\": 0.5,"
                            + " \"replay_capacity\": 4, \"eval_steps\": 1, \"eval_max_items\": 2, \"eval_data\": \""
                            + folder.resolve("prompts.jsonl") + "\"");
        }
    }

    private static void assertTrained(Ring ring, String keys) throws Exception {
        RunSummary summary = await(ring.learner("run", "{" + keys + ", \"max_steps\": " + STEPS + "}")
                .completion());

        RingTest.assertComplete(summary, STEPS);
        assertThat(summary.lossTerms().values()).isNotEmpty().allMatch(Double::isFinite);
    }
}
