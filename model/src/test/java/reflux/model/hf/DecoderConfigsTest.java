// SPDX-License-Identifier: Apache-2.0
package reflux.model.hf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import reflux.model.engine.DataType;

class DecoderConfigsTest {
    private static final String LLAMA = "\"model_type\":\"llama\",\"vocab_size\":100,\"hidden_size\":16,"
            + "\"intermediate_size\":40,\"num_hidden_layers\":2,\"num_attention_heads\":4";
    private static final String MISTRAL = LLAMA.replace("llama", "mistral").replace("heads\":4", "heads\":8");
    private static final String QWEN = LLAMA.replace("llama", "qwen2") + ",\"num_key_value_heads\":2";
    private static final String NEOX = LLAMA.replace("llama", "gpt_neox") + ",\"rotary_pct\":0.5";
    private static final String OPT = LLAMA.replace("llama", "opt").replace("intermediate_size", "ffn_dim");
    private static final String GPT2 =
            "\"model_type\":\"gpt2\",\"vocab_size\":100,\"n_embd\":16,\"n_layer\":2,\"n_head\":4";

    @TempDir
    Path dir;

    private Path file(String members) throws IOException {
        return Files.writeString(dir.resolve("config.json"), "{" + members + "}");
    }

    private DecoderConfig parse(String members) throws IOException {
        return DecoderConfigs.parse(file(members));
    }

    @Test
    void llamaWithLittleSaid_hasTheDefaultsOfTransformers() throws IOException {
        assertThat(parse(LLAMA))
                .isEqualTo(new LlamaConfig(
                        "llama",
                        100,
                        16,
                        40,
                        2,
                        4,
                        4,
                        4,
                        2048,
                        10000,
                        new RopeScaling.None(),
                        1e-6,
                        false,
                        false,
                        false,
                        false,
                        List.of()));
    }

    @Test
    void mistral_hasItsOwnDefaults() throws IOException {
        LlamaConfig mistral = (LlamaConfig) parse(MISTRAL + ",\"sliding_window\":null");

        assertThat(mistral.contextLength()).isEqualTo(131072);
        assertThat(mistral.keyValueHeads()).isEqualTo(8);
        assertThat(mistral.qkvBias()).isFalse();
    }

    @Test
    void qwen2_hasBiasesOnQueriesKeysAndValuesOnly() throws IOException {
        LlamaConfig qwen = (LlamaConfig) parse(QWEN + ",\"sliding_window\":4096,\"tie_word_embeddings\":true");

        assertThat(qwen.qkvBias()).isTrue();
        assertThat(qwen.attentionBias()).isFalse();
        assertThat(qwen.tiedHead()).isTrue();
        assertThat(qwen.contextLength()).isEqualTo(32768);
    }

    @Test
    void slidingWindows_areReadWhereTheyAreShorterThanTheContext() throws IOException {
        String last = ",\"use_sliding_window\":true,\"sliding_window\":64,\"max_window_layers\":1";

        assertThat(((LlamaConfig) parse(MISTRAL)).local()).isEqualTo(new LocalAttention(4096, List.of(0, 1)));
        assertThat(((LlamaConfig) parse(MISTRAL + ",\"max_position_embeddings\":4096")).local())
                .isEqualTo(LocalAttention.NONE);
        assertThat(((LlamaConfig) parse(QWEN + last)).local()).isEqualTo(new LocalAttention(64, List.of(1)));
        assertThat(((LlamaConfig) parse(QWEN + last + ",\"layer_types\":[\"sliding_attention\",\"full_attention\"]"))
                        .local())
                .isEqualTo(new LocalAttention(64, List.of(0)));
    }

    /** As transformers 4 wrote it. */
    @Test
    void gemma3_readsItsTwoRotaryBasesAndItsPattern() throws IOException {
        Gemma3Config gemma = (Gemma3Config) parse("\"model_type\":\"gemma3_text\",\"num_hidden_layers\":7,"
                + "\"rope_theta\":1000000.0,\"rope_local_base_freq\":10000.0,\"sliding_window\":512,"
                + "\"rope_scaling\":{\"factor\":8.0,\"rope_type\":\"linear\"},\"sliding_window_pattern\":6");

        assertThat(gemma.ropeTheta()).isEqualTo(1e6);
        assertThat(gemma.localRopeTheta()).isEqualTo(1e4);
        assertThat(gemma.ropeScaling()).isEqualTo(new RopeScaling.Linear(8));
        assertThat(gemma.local()).isEqualTo(new LocalAttention(512, List.of(0, 1, 2, 3, 4, 6)));
        assertThat(gemma.tiedHead()).isTrue();
    }

    /** As transformers 4 wrote it. */
    @Test
    void gptNeox_readsItsOwnNamesOfRotaryPositions() throws IOException {
        GptNeoxConfig neox = (GptNeoxConfig) parse(NEOX + ",\"rotary_emb_base\":500,\"use_parallel_residual\":false");

        assertThat(neox.rotarySize()).isEqualTo(2);
        assertThat(neox.ropeTheta()).isEqualTo(500);
        assertThat(neox.isParallel()).isFalse();
    }

    @Test
    void gpt2WithLittleSaid_hasTheDefaultsOfTransformers() throws IOException {
        assertThat(parse(GPT2)).isEqualTo(new Gpt2Config(100, 16, 64, 2, 4, 1024, 1e-5, "gelu_new", true, List.of()));
    }

    static Stream<Arguments> accepted() {
        return Stream.of(
                Arguments.of("\"eos_token_id\":[1,2]", "eosIds=[1, 2]"),
                Arguments.of("\"eos_token_id\":7", "eosIds=[7]"),
                Arguments.of("\"head_dim\":32", "headSize=32"),
                Arguments.of("\"rope_scaling\":{\"type\":\"linear\",\"factor\":2}", "ropeScaling=Linear[factor=2.0]"),
                Arguments.of("\"rope_scaling\":{\"rope_type\":\"default\"}", "ropeScaling=None[]"),
                Arguments.of(
                        "\"rope_parameters\":{\"rope_type\":\"default\",\"rope_theta\":500000.0}",
                        "ropeTheta=500000.0"),
                Arguments.of(
                        "\"rope_scaling\":{\"rope_type\":\"llama3\",\"factor\":8.0,\"low_freq_factor\":1.0,"
                                + "\"high_freq_factor\":4.0,\"original_max_position_embeddings\":8192}",
                        "Llama3[factor=8.0, lowFrequencyFactor=1.0, highFrequencyFactor=4.0, originalContextLength=8192]"),
                Arguments.of("\"attention_bias\":true", "attentionBias=true, qkvBias=true"),
                Arguments.of("\"architectures\":[\"LlamaForCausalLM\"],\"attention_dropout\":0.1", "family=llama"));
    }

    @ParameterizedTest
    @MethodSource("accepted")
    void llamaOption_isRead(String member, String shown) throws IOException {
        assertThat(parse(LLAMA + "," + member).toString()).contains(shown);
    }

    static Stream<Arguments> refused() {
        return Stream.of(
                Arguments.of(
                        OPT + ",\"word_embed_proj_dim\":8",
                        ": word_embed_proj_dim must be hidden_size, 16 (the projections of opt-350m are not implemented),"
                                + " was 8"),
                Arguments.of(
                        OPT + ",\"do_layer_norm_before\":false",
                        ": do_layer_norm_before must be true (the other layers are not implemented), was false"),
                Arguments.of(
                        OPT + ",\"activation_function\":\"gelu\"", ": activation_function must be relu, was \"gelu\""),
                Arguments.of(
                        NEOX + ",\"hidden_act\":\"relu\"",
                        ": hidden_act must be gelu, gelu_new or gelu_pytorch_tanh, was relu"),
                Arguments.of(NEOX.replace("0.5", "0.75"), ": rotary_pct must turn an even part of a head of 4, was 3"),
                Arguments.of(
                        "\"model_type\":\"gemma3_text\",\"final_logit_softcapping\":30.0",
                        ": final_logit_softcapping must be null (soft caps are not implemented), was 30.0"),
                Arguments.of(
                        "\"model_type\":\"gemma3_text\",\"use_bidirectional_attention\":true",
                        ": use_bidirectional_attention must be false (it is not implemented), was true"),
                Arguments.of(
                        "\"model_type\":\"gemma3_text\",\"hidden_activation\":\"gelu\"",
                        ": hidden_activation must be gelu_pytorch_tanh, was \"gelu\""),
                Arguments.of(
                        LLAMA.replace("llama", "phi3"),
                        ": model_type 'phi3' is not supported; one of [gemma3_text, gpt2, gpt_neox, llama, mistral, opt, qwen2, qwen3] is"),
                Arguments.of(
                        "\"vocab_size\":1",
                        ": model_type '' is not supported; one of [gemma3_text, gpt2, gpt_neox, llama, mistral, opt, qwen2, qwen3] is"),
                Arguments.of(
                        LLAMA + ",\"architectures\":[\"LlamaForSequenceClassification\"]",
                        ": architectures must be [LlamaForCausalLM] for llama, was [\"LlamaForSequenceClassification\"]"),
                Arguments.of(
                        LLAMA + ",\"auto_map\":{\"AutoModel\":\"x.py\"}",
                        " has auto_map: the model brings its own code, and that is never run; use a model of a family that"
                                + " is built in"),
                Arguments.of(
                        LLAMA + ",\"quantization_config\":{\"bits\":4}",
                        " has quantization_config: quantized weights are not read; use the float32, bfloat16 or float16"
                                + " weights of the model"),
                Arguments.of(LLAMA + ",\"hidden_act\":\"gelu\"", ": hidden_act must be silu, was \"gelu\""),
                Arguments.of(
                        LLAMA + ",\"partial_rotary_factor\":0.5",
                        ": partial_rotary_factor must be 1 (rotary positions over a part of a head are not implemented),"
                                + " was 0.5"),
                Arguments.of(
                        LLAMA + ",\"rope_scaling\":{\"rope_type\":\"yarn\",\"factor\":4.0}",
                        ": rope_scaling must be of rope_type default, linear or llama3, was"
                                + " {\"rope_type\":\"yarn\",\"factor\":4.0}"),
                Arguments.of(
                        LLAMA + ",\"rope_scaling\":{\"type\":\"dynamic\",\"factor\":4.0}",
                        ": rope_scaling must be of rope_type default, linear or llama3, was"
                                + " {\"type\":\"dynamic\",\"factor\":4.0}"),
                Arguments.of(
                        LLAMA + ",\"rope_scaling\":{\"rope_type\":\"linear\"}",
                        ": rope_scaling must have the number factor, was {\"rope_type\":\"linear\"}"),
                Arguments.of(
                        LLAMA + ",\"rope_scaling\":{\"rope_type\":\"linear\",\"factor\":-1}",
                        ": rope_scaling.factor must be > 0 and finite, was -1.0"),
                Arguments.of(
                        QWEN + ",\"layer_types\":[\"sliding_attention\",\"full_attention\"]",
                        ": layer_types must have no sliding_attention without use_sliding_window, was"
                                + " [\"sliding_attention\",\"full_attention\"]"),
                Arguments.of(
                        MISTRAL + ",\"layer_types\":[\"chunked_attention\",\"full_attention\"]",
                        ": layer_types must name full_attention or sliding_attention for each of 2 layers, was"
                                + " [\"chunked_attention\",\"full_attention\"]"),
                Arguments.of(LLAMA.replace(",\"vocab_size\":100", ""), " lacks vocab_size"),
                Arguments.of(
                        LLAMA + ",\"num_key_value_heads\":3",
                        ": num_attention_heads must be a multiple of" + " num_key_value_heads, were 4 and 3"),
                Arguments.of(
                        LLAMA.replace("size\":16", "size\":18"),
                        ": hidden_size must be a multiple of" + " num_attention_heads, were 18 and 4"),
                Arguments.of(LLAMA + ",\"head_dim\":3", ": head_dim must be even, was 3"),
                Arguments.of(
                        LLAMA + ",\"eos_token_id\":-1", ": eos_token_id must be an id >= 0 or a list of them, was -1"),
                Arguments.of(LLAMA + ",\"rms_norm_eps\":\"x\"", ": rms_norm_eps must be a number, was \"x\""),
                Arguments.of(
                        LLAMA.replace("layers\":2", "layers\":2.5"),
                        ": num_hidden_layers must be a whole number, was 2.5"),
                Arguments.of(LLAMA.replace("layers\":2", "layers\":0"), ": num_hidden_layers must be >= 1, was 0"),
                Arguments.of(
                        GPT2 + ",\"scale_attn_by_inverse_layer_idx\":true",
                        ": scale_attn_by_inverse_layer_idx must be false (the other attention is not implemented), was true"),
                Arguments.of(
                        GPT2 + ",\"scale_attn_weights\":false",
                        ": scale_attn_weights must be true (the other attention is not implemented), was false"),
                Arguments.of(
                        GPT2 + ",\"add_cross_attention\":true",
                        ": add_cross_attention must be false (the other attention is not implemented), was true"),
                Arguments.of(
                        GPT2 + ",\"activation_function\":\"relu\"",
                        ": activation_function must be gelu_new, gelu_pytorch_tanh or gelu, was relu"));
    }

    @ParameterizedTest
    @MethodSource("refused")
    void optionThatChangesTheMaths_isRefusedByName(String members, String message) throws IOException {
        Path file = file(members);

        assertThatExceptionOfType(ModelFormatException.class)
                .isThrownBy(() -> DecoderConfigs.parse(file))
                .withMessage(file + message);
    }

    @Test
    void fileThatIsNotJson_isNamed() throws IOException {
        assertThatExceptionOfType(ModelFormatException.class)
                .isThrownBy(() -> parse(LLAMA + ","))
                .withMessageContaining("config.json is not sound JSON: ");
        assertThatExceptionOfType(ModelFormatException.class)
                .isThrownBy(() -> DecoderConfigs.parse(dir.resolve("absent.json")))
                .withMessage(dir.resolve("absent.json") + " does not exist; a model directory has one");
    }

    static Stream<DecoderConfig> configurations() {
        RopeScaling llama3 = new RopeScaling.Llama3(8, 1, 4, 8192);
        return Stream.of(
                new LlamaConfig(
                        "llama",
                        100,
                        16,
                        40,
                        2,
                        4,
                        2,
                        8,
                        512,
                        5e5,
                        llama3,
                        1e-5,
                        true,
                        true,
                        true,
                        true,
                        List.of(1, 2)),
                new LlamaConfig(
                        "llama",
                        100,
                        16,
                        40,
                        2,
                        4,
                        2,
                        4,
                        512,
                        1e4,
                        new RopeScaling.Linear(2),
                        1e-5,
                        false,
                        false,
                        false,
                        false,
                        List.of()),
                new LlamaConfig(
                        "mistral",
                        100,
                        16,
                        40,
                        2,
                        8,
                        2,
                        2,
                        512,
                        1e4,
                        new RopeScaling.None(),
                        1e-5,
                        false,
                        false,
                        false,
                        false,
                        List.of(3)),
                new LlamaConfig(
                        "qwen2",
                        100,
                        16,
                        40,
                        2,
                        4,
                        2,
                        4,
                        512,
                        1e6,
                        new RopeScaling.None(),
                        1e-6,
                        true,
                        false,
                        true,
                        false,
                        List.of(9)),
                new Gpt2Config(100, 16, 48, 2, 4, 256, 1e-6, "gelu", false, List.of(4)));
    }

    @ParameterizedTest
    @MethodSource("configurations")
    void writtenConfiguration_isReadBack(DecoderConfig config) {
        Path file = dir.resolve("config.json");
        JsonFile.write(file, DecoderConfigs.write(config, DataType.F32));

        assertThat(DecoderConfigs.parse(file)).isEqualTo(config);
    }
}
