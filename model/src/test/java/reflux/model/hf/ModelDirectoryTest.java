// SPDX-License-Identifier: Apache-2.0
package reflux.model.hf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reflux.model.engine.DataType;
import reflux.model.safetensors.TensorInfo;
import reflux.model.safetensors.TensorSource;
import reflux.model.text.BpeTrainer;
import reflux.model.text.TextTokenizer;

class ModelDirectoryTest {
    private static final List<TensorInfo> TENSORS = List.of(
            TensorInfo.of("transformer.wte.weight", DataType.F32, List.of(300L, 8L)),
            TensorInfo.of("transformer.ln_f.bias", DataType.F32, List.of(8L)));
    private static final Gpt2Config CONFIG = new Gpt2Config(300, 8, 32, 2, 2, 64, 1e-5, "gelu_new", true, List.of(0));

    @TempDir
    Path temporary;

    private Path tokenizer;
    private Path dir;

    @BeforeEach
    void trainTokenizer() {
        tokenizer = temporary.resolve("tokenizer");
        dir = temporary.resolve("tiny-model");
        BpeTrainer.byteLevel(300)
                .train(List.of("one two three", "two three four"))
                .write(tokenizer);
    }

    private void write(GenerationConfig generation) {
        ModelDirectory.write(dir, CONFIG, generation, TENSORS, ModelDirectoryTest::data, tokenizer, DataType.BF16);
    }

    private static ByteBuffer data(String name) {
        TensorInfo info =
                TENSORS.stream().filter(t -> t.name().equals(name)).findFirst().orElseThrow();
        ByteBuffer bytes = ByteBuffer.allocate((int) info.bytes()).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < info.count(); i++) {
            bytes.putFloat(i * 0.5f);
        }
        return bytes.flip();
    }

    @Test
    void writtenDirectory_isReadBack() throws IOException {
        GenerationConfig generation = new GenerationConfig(0.7, 20, 0.9, 64, List.of(0));
        write(generation);

        ModelDirectory model = ModelDirectory.open(dir);

        assertThat(model.config()).isEqualTo(CONFIG);
        assertThat(model.generation()).isEqualTo(generation);
        assertThat(model.name()).isEqualTo("tiny-model");
        try (TensorSource weights = model.openWeights();
                TextTokenizer text = model.openTokenizer()) {
            assertThat(weights.tensors()).isEqualTo(TENSORS);
            assertThat(weights.bytes("transformer.ln_f.bias").getFloat(4)).isEqualTo(0.5f);
            assertThat(text.decode(text.encode("two three"))).isEqualTo("two three");
            assertThat(text.vocabulary().endIds()).containsExactly(0);
        }
        assertThat(Files.readString(dir.resolve("config.json")))
                .contains("\"architectures\" : [ \"GPT2LMHeadModel\" ]", "\"torch_dtype\" : \"bfloat16\"");
        assertThat(Files.list(dir).map(f -> f.getFileName().toString()))
                .containsExactlyInAnyOrder(
                        "config.json",
                        "generation_config.json",
                        "model.safetensors",
                        "tokenizer.json",
                        "tokenizer_config.json",
                        "special_tokens_map.json");
    }

    @Test
    void endIdsOfGenerationConfig_win() throws IOException {
        write(GenerationConfig.plain(List.of(3, 5)));

        assertThat(ModelDirectory.open(dir).config().eosIds()).containsExactly(3, 5);

        Files.delete(dir.resolve("generation_config.json"));
        assertThat(ModelDirectory.open(dir).config().eosIds()).containsExactly(0);
        assertThat(ModelDirectory.open(dir).generation()).isEqualTo(GenerationConfig.plain(List.of(0)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"do_sample\":false}",
                "{\"do_sample\":false,\"temperature\":0.6,\"top_p\":0.9}",
                "{\"temperature\":0}"
            })
    void greedyGenerationConfig_isGreedy(String json) throws IOException {
        write(GenerationConfig.plain(List.of(0)));
        Files.writeString(dir.resolve("generation_config.json"), json);

        assertThat(ModelDirectory.open(dir).generation().temperature()).isZero();
    }

    @Test
    void greedyGenerationConfig_isReadAsItWasWritten() {
        GenerationConfig greedy = new GenerationConfig(0, 0, 1, 0, List.of(0));
        write(greedy);

        assertThat(ModelDirectory.open(dir).generation()).isEqualTo(greedy);
    }

    @Test
    void settingsThatAreNotApplied_areNamed() throws IOException {
        Path file = dir.resolve("generation_config.json");
        Files.createDirectories(dir);
        Files.writeString(
                file,
                "{\"do_sample\":true,\"temperature\":0.7,\"top_k\":20,\"top_p\":0.8,\"repetition_penalty\":1.05,"
                        + "\"min_p\":0,\"num_beams\":null,\"suppress_tokens\":[],\"bad_words_ids\":[[7]],\"pad_token_id\":0}");

        assertThat(GenerationJson.leftOut(JsonFile.read(file)))
                .containsExactly("repetition_penalty 1.05", "bad_words_ids");
    }

    @ParameterizedTest
    @ValueSource(strings = {"pytorch_model.bin", "consolidated.00.pth", "model.pt", "last.ckpt", "weights.pkl"})
    void picklesOnly_areRefusedWithoutOpeningThem(String name) throws IOException {
        write(GenerationConfig.plain(List.of(0)));
        Files.delete(dir.resolve("model.safetensors"));
        Files.createDirectory(dir.resolve(name)); // cannot be opened as a file

        assertThatIllegalArgumentException()
                .isThrownBy(() -> ModelDirectory.open(dir))
                .withMessage(dir + ": has its weights in " + name
                        + " only. That is a pickle, which can run code, and is never"
                        + " opened; save the model as safetensors (model.safetensors), in transformers with"
                        + " save_pretrained(dir, safe_serialization=True)");
    }

    @Test
    void noWeights_areReportedWhenAskedFor() throws IOException {
        write(GenerationConfig.plain(List.of(0)));
        Files.delete(dir.resolve("model.safetensors"));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> ModelDirectory.open(dir).openWeights())
                .withMessage(dir + ": has no weights: neither model.safetensors nor model.safetensors.index.json");
    }

    @Test
    void missingDirectory_isNamed() {
        assertThatExceptionOfType(ModelFormatException.class)
                .isThrownBy(() -> ModelDirectory.open(temporary.resolve("absent")))
                .withMessage(temporary.resolve("absent") + " is no directory; a model is one in Hugging Face's layout"
                        + " (config.json, model.safetensors, tokenizer.json)");
    }

    @Test
    void endIdOutsideTheTokenizer_isRefused() {
        write(GenerationConfig.plain(List.of(50256)));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> ModelDirectory.open(dir).openTokenizer())
                .withMessageContaining(
                        "eos_token_id 50256 of config.json or generation_config.json is no id of tokenizer.json");
    }
}
