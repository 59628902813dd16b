// SPDX-License-Identifier: Apache-2.0
package reflux.learner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reflux.learner.step.TinyRun;

class LearnerConfigTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Test
    void keys_areSnakeCaseAndRoundTrip() throws JsonProcessingException {
        ObjectNode tree = JSON.valueToTree(LearnerConfig.defaults());

        assertThat(tree.has("kd_loss_fn")).isTrue();
        assertThat(tree.has("topk_vocab")).isTrue();
        assertThat(tree.has("top_k")).isTrue();
        assertThat(tree.has("top_k_logits")).isTrue();
        assertThat(tree.has("top_k_tail")).isTrue();
        assertThat(tree.has("top_p_support")).isTrue();
        assertThat(tree.has("keep_best_n_checkpoints")).isTrue();
        assertThat(JSON.treeToValue(tree, LearnerConfig.class)).isEqualTo(LearnerConfig.defaults());
    }

    @Test
    void unknownTargetModule_isNamedWithThoseOfTheStudent(@TempDir Path folder) throws JsonProcessingException {
        Path student = TinyRun.student(folder).path();
        LearnerConfig config = with("{\"student\": \"" + student + "\", \"output_dir\": \"" + folder.resolve("out")
                + "\", \"use_peft\": true, \"lora_target_modules\": [\"q_proj\"]}");

        assertThatThrownBy(() -> RunFiles.open(config))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("learner.lora_target_modules is [q_proj]; ")
                .hasMessageContaining("c_attn");
    }

    @Test
    void completeConfig_passes() throws JsonProcessingException {
        assertThat(with("{}").checked().maxStaleness()).isEqualTo(2);
    }

    @Test
    void wrongValues_areNamedWithKeyValueAndRemedy() {
        assertRefused("{\"student\": \"\"}", "learner.student is ''; name the student's Hugging Face directory");
        assertRefused("{\"batch_size\": 0}", "learner.batch_size is 0; set a whole number of at least 1");
        assertThatThrownBy(() -> with("{\"objective\": \"dskd-v3\"}").checked())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("learner.objective is 'dskd-v3'; use ")
                .hasMessageContaining("dskd-v2");
        assertRefused("{\"projector_rtol\": 1}", "learner.projector_rtol is 1.0; set a number from 0 to below 1");
        assertRefused("{\"lora_r\": 0}", "learner.lora_r is 0; set a whole number of at least 1");
        assertRefused("{\"lora_dropout\": 1}", "learner.lora_dropout is 1.0; set a number from 0 to below 1");
        assertRefused(
                "{\"gradient_accumulation_steps\": 0}",
                "learner.gradient_accumulation_steps is 0; set a whole number of at least 1");
        assertRefused(
                "{\"publish_every\": 4}",
                "learner.publish_every is 4; set it to at most max_staleness + 1 = 3, or no rollout could be young enough");
        assertRefused(
                "{\"generators\": [\"here\"]}",
                "learner.generators is 'here'; write it as host:port, such as 127.0.0.1:7201");
        assertRefused(
                "{\"kd_ratio\": 0.5}", "learner.kd_ratio is 0.5; set it to 1, or name train_data with gold responses");
    }

    @Test
    void wrongEvaluations_areNamedWithKeyValueAndRemedy() {
        String data = "\"eval_data\": \"f.jsonl\", \"eval_steps\": 5, ";
        assertRefused("{\"eval_steps\": 5}", "learner.eval_steps is 5; name eval_data, or set it to 0");
        assertRefused(
                "{\"keep_best_n_checkpoints\": 1}",
                "learner.keep_best_n_checkpoints is 1; set eval_steps and eval_data");
        assertRefused(
                "{" + data + "\"keep_best_n_checkpoints\": 1}",
                "learner.metric_for_best_model is 'kl_forward'; name eval_teacher, or choose a metric without a teacher,"
                        + " such as per or rouge_l");
        assertRefused(
                "{\"metric_for_best_model\": \"bleu\"}",
                "learner.metric_for_best_model is 'bleu'; use exact_match or kl_forward or kl_reverse or loss or per or"
                        + " rouge_l or wer");
        assertRefused(
                "{\"diagnostic_rows\": -1}", "learner.diagnostic_rows is -1.0; set a number that is not negative");
    }

    @Test
    void wrongSources_areNamedWithKeyValueAndRemedy() {
        String data = "\"train_data\": [\"f.jsonl\"], ";
        assertRefused("{\"lmbda\": 1.5}", "learner.lmbda is 1.5; set a number from 0.0 to 1.0");
        assertRefused(
                "{\"lmbda\": 0.5}",
                "learner.lmbda is 0.5; name train_data, because fed prompts are always answered by the student");
        assertRefused("{\"seq_kd\": true}", "learner.seq_kd_generators is []; name at least one host:port");
        assertRefused("{\"teachers\": []}", "learner.teachers is []; name at least one host:port");
        assertRefused(
                "{" + data + "\"adaptive_threshold\": true, \"replay_ratio\": 0.5}",
                "learner.adaptive_threshold is true; leave lmbda at 1 and replay_ratio at 0, because the threshold decides"
                        + " instead of them");
        assertRefused(
                "{" + data + "\"adaptive_threshold\": true}",
                "learner.adaptive_threshold is true; set eval_data and eval_steps, because evaluations move the threshold");
    }

    @Test
    void samplesThatCannotBeWeighed_areRefused() {
        assertRefused(
                "{\"objective\": \"minillm\", \"temperature\": 0.7}",
                "learner.temperature is 0.7; set 1, because minillm weighs tokens by their probability at temperature 1"
                        + " among all");
        assertRefused(
                "{\"objective\": \"minillm\", \"top_k\": 5}",
                "learner.top_k is 5; set 0, because minillm weighs tokens by their probability at temperature 1 among all");
        assertRefused(
                "{\"objective\": \"iw-opd\", \"lmbda\": 0.5, \"train_data\": [\"f.jsonl\"]}",
                "learner.lmbda is 0.5; let the student answer all prompts, or set objective minillm with single_step:"
                        + " without it a given response teaches nothing");
    }

    @Test
    void minillmWithGivenResponses_learnsItsExactKlFromThem() throws JsonProcessingException {
        assertThat(with("{\"objective\": \"minillm\", \"lmbda\": 0.5, \"train_data\": [\"f.jsonl\"]}")
                        .checked()
                        .data()
                        .lmbda())
                .isEqualTo(0.5);
    }

    @Test
    void resumeTrue_isText() throws JsonProcessingException {
        assertThat(with("{\"resume\": true}").resume()).isEqualTo("true");
        assertThat(with("{\"resume\": false}").resume()).isEmpty();
    }

    private static void assertRefused(String override, String message) {
        assertThatThrownBy(() -> with(override).checked())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    private static LearnerConfig with(String override) throws JsonProcessingException {
        ObjectNode tree = JSON.valueToTree(LearnerConfig.defaults());
        tree.setAll((ObjectNode) JSON.readTree("""
                {"student": "s", "output_dir": "o", "generators": ["g:1"], "teachers": ["t:1"]}"""));
        tree.setAll((ObjectNode) JSON.readTree(override));
        return JSON.treeToValue(tree, LearnerConfig.class);
    }
}
