// SPDX-License-Identifier: Apache-2.0
package reflux.model.hf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reflux.model.engine.DataType;
import reflux.model.safetensors.TensorInfo;

/** PEFT's adapter_config.json: what is read, and what is refused by name. */
class AdapterDirectoryTest {
    private static final String GOOD =
            "{\"peft_type\":\"LORA\",\"r\":4,\"lora_alpha\":8,\"target_modules\":[\"q_proj\",\"v_proj\"]";

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"use_dora\":true",
                "\"rank_pattern\":{\"q_proj\":8}",
                "\"alpha_pattern\":{\"q_proj\":8}",
                "\"modules_to_save\":[\"lm_head\"]",
                "\"bias\":\"all\"",
                "\"lora_bias\":true",
                "\"layers_to_transform\":[0]",
                "\"exclude_modules\":[\"q_proj\"]",
                "\"trainable_token_indices\":[1]",
                "\"init_lora_weights\":\"pissa\"",
                "\"task_type\":\"SEQ_CLS\"",
                "\"a_key_of_tomorrow\":7",
            })
    void keyThatChangesTheMaths_isRefusedByName(String pair) throws IOException {
        write(GOOD + "," + pair + "}");
        String key = pair.substring(1, pair.indexOf('"', 1));
        assertThatThrownBy(() -> AdapterDirectory.open(directory))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContaining("adapter_config.json")
                .hasMessageContaining(key);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"use_dora\":false", "\"rank_pattern\":{}", "\"a_key_of_tomorrow\":null"})
    void neutralKeys_areTaken(String pair) throws IOException {
        write(GOOD + "," + pair + "}");
        assertThat(AdapterDirectory.open(directory).config().targetModules()).containsExactly("q_proj", "v_proj");
    }

    @Test
    void regularExpression_isRefused() throws IOException {
        write("{\"r\":4,\"target_modules\":\".*\\\\.(q|v)_proj\"}");
        assertThatThrownBy(() -> AdapterDirectory.open(directory)).hasMessageContaining("target_modules");
    }

    @Test
    void directoryWithoutSafetensors_isRefusedWithTheRemedy() throws IOException {
        Files.writeString(directory.resolve("adapter_config.json"), GOOD + "}");
        assertThatThrownBy(() -> AdapterDirectory.open(directory)).hasMessageContaining("safe_serialization");
    }

    @Test
    void written_isReadAgain() {
        LoraConfig config = new LoraConfig(4, 2.5, 0.1, List.of("c_attn"), true);
        TensorInfo info = TensorInfo.of("x", DataType.F32, List.of(1L));
        AdapterDirectory.Base base = new AdapterDirectory.Base("gpt2", "0123");
        AdapterDirectory.write(directory, config, true, base, List.of(info), name -> ByteBuffer.allocate(4));

        AdapterDirectory read = AdapterDirectory.open(directory);
        assertThat(read.config()).isEqualTo(config);
        assertThat(read.baseModel()).isEqualTo("gpt2");
        assertThat(read.baseFingerprint()).isEqualTo("0123");
    }

    @Test
    void scale_isAlphaOverRankOrItsRoot() {
        assertThat(new LoraConfig(16, 32, 0, List.of("a"), false).scale()).isEqualTo(2);
        assertThat(new LoraConfig(16, 32, 0, List.of("a"), true).scale()).isCloseTo(8, within(1e-12));
        assertThatThrownBy(() -> new LoraConfig(0, 32, 0, List.of("a"), true)).hasMessageContaining("r must be >= 1");
        assertThatThrownBy(() -> new LoraConfig(1, 32, 1, List.of("a"), true)).hasMessageContaining("lora_dropout");
    }

    private void write(String json) throws IOException {
        Files.writeString(directory.resolve("adapter_config.json"), json);
        Files.write(directory.resolve("adapter_model.safetensors"), new byte[0]);
    }
}
