// SPDX-License-Identifier: Apache-2.0
package reflux.learner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import reflux.learner.data.AdaptiveSchedule;
import reflux.learner.data.Example;
import reflux.learner.data.FixedShares;
import reflux.learner.data.SourceRule;
import reflux.learner.ledger.Origin;
import reflux.model.text.PromptText;

class SourcePlanTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String ADAPTIVE = "\"adaptive_threshold\": true, \"eval_steps\": 5, \"eval_data\": \"e\"";

    private final Example answered = new Example(new PromptText.Text("p"), List.of("r"), "f.jsonl:1");
    private final Example bare = new Example(new PromptText.Text("q"), List.of(), "f.jsonl:2");

    @Test
    void plainKeys_areFixedShares() throws JsonProcessingException {
        assertThat(plan("{\"lmbda\": 0.25, \"replay_ratio\": 0.5}").rule(Optional.empty()))
                .isEqualTo(new FixedShares(42, 0.25, Origin.DATASET, 0.5));
        assertThat(plan("{\"seq_kd\": true}").rule(Optional.empty()))
                .isEqualTo(new FixedShares(42, 1, Origin.TEACHER, 0));
    }

    @Test
    void adaptiveThreshold_goesOnFromTheCheckpoint() throws JsonProcessingException {
        SourceRule anew = plan("{" + ADAPTIVE + ", \"init_threshold\": 0.3}").rule(Optional.empty());
        SourceRule resumed = plan("{" + ADAPTIVE + "}").rule(Optional.of(new AdaptiveSchedule.State(0.5, 2)));

        assertThat(((AdaptiveSchedule) anew).state().threshold()).isEqualTo(0.3);
        assertThat(((AdaptiveSchedule) resumed).state()).isEqualTo(new AdaptiveSchedule.State(0.5, 2));
    }

    @Test
    void replayUnused_holdsNothing() throws JsonProcessingException {
        assertThat(plan("{}").replay().isFull()).isTrue();
        assertThat(plan("{\"replay_ratio\": 0.5}").replay().isFull()).isFalse();
    }

    @Test
    void lineWithoutResponse_isNamedWithItsFileAndTheRemedy() throws JsonProcessingException {
        assertRefused("{\"lmbda\": 0.5}", "learner.lmbda is 0.5; set it to 1, set seq_kd, or add the response");
        assertRefused("{" + ADAPTIVE + "}", "learner.adaptive_threshold is true; set seq_kd, or add the response");
        assertRefused("{\"kd_ratio\": 0.5}", "learner.kd_ratio is 0.5; set it to 1, or add the response");
        assertRefused(
                "{\"kd_ratio\": 0.5, \"lmbda\": 0.5, \"seq_kd\": true}",
                "learner.kd_ratio is 0.5; set it to 1, or add the response");
    }

    @Test
    void goldNotUsed_needsNoResponses() throws JsonProcessingException {
        for (String keys : List.of(
                "{}", "{\"lmbda\": 0, \"seq_kd\": true}", "{\"lmbda\": 0, \"seq_kd\": true, \"kd_ratio\": 0.5}")) {
            SourcePlan plan = plan(keys);
            assertThatCode(() -> plan.requireResponses(List.of(answered, bare))).doesNotThrowAnyException();
        }
    }

    private void assertRefused(String keys, String reason) throws JsonProcessingException {
        SourcePlan plan = plan(keys);
        assertThatThrownBy(() -> plan.requireResponses(List.of(answered, bare)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("f.jsonl:2: there is no response, but " + reason);
    }

    private static SourcePlan plan(String keys) throws JsonProcessingException {
        ObjectNode tree = JSON.valueToTree(LearnerConfig.defaults());
        tree.setAll((ObjectNode) JSON.readTree(keys));
        return SourcePlan.of(JSON.treeToValue(tree, LearnerConfig.class));
    }
}
