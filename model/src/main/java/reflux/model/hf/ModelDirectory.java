// SPDX-License-Identifier: Apache-2.0
package reflux.model.hf;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import reflux.model.engine.DataType;
import reflux.model.safetensors.SafetensorsWriter;
import reflux.model.safetensors.ShardedTensors;
import reflux.model.safetensors.TensorInfo;
import reflux.model.safetensors.TensorSource;
import reflux.model.text.TextTokenizer;

/** A model in Hugging Face's layout. Holds no open files. */
public final class ModelDirectory {
    /** Files that make up a tokenizer, copied unchanged. */
    private static final List<String> TOKENIZER_FILES = List.of(
            "tokenizer.json",
            "tokenizer_config.json",
            "special_tokens_map.json",
            "added_tokens.json",
            "tokenizer.model",
            "vocab.json",
            "merges.txt",
            "chat_template.jinja");

    private final Path path;
    private final DecoderConfig config;
    private final GenerationConfig generation;

    private ModelDirectory(Path path, DecoderConfig config, GenerationConfig generation) {
        this.path = path;
        this.config = config;
        this.generation = generation;
    }

    /**
     * Reads and checks config.json and generation_config.json, whose end ids win. Throws {@link ModelFormatException} or
     * {@code SafetensorsException} (weights in pickles only), with a message that says what would do.
     */
    public static ModelDirectory open(Path dir) {
        if (!Files.isDirectory(dir)) {
            throw new ModelFormatException(dir + " is no directory; a model is one in Hugging Face's layout"
                    + " (config.json, model.safetensors, tokenizer.json)");
        }
        ShardedTensors.requireNoPickles(dir);
        DecoderConfig config = DecoderConfigs.parse(dir.resolve("config.json"));
        GenerationConfig generation = GenerationJson.read(dir.resolve("generation_config.json"), config.eosIds());
        return new ModelDirectory(dir, config.withEosIds(generation.eosIds()), generation);
    }

    public Path path() {
        return path;
    }

    /** Name of the directory. */
    public String name() {
        return String.valueOf(path.toAbsolutePath().normalize().getFileName());
    }

    public DecoderConfig config() {
        return config;
    }

    public GenerationConfig generation() {
        return generation;
    }

    /** The weights; the caller closes them. */
    public TensorSource openWeights() {
        return ShardedTensors.open(path);
    }

    /** The tokenizer; the caller closes it. */
    public TextTokenizer openTokenizer() {
        return TextTokenizer.load(path);
    }

    /**
     * Writes config.json, generation_config.json and model.safetensors, and copies the tokenizer's files. Making it appear
     * at once (a temporary directory and a rename) is the caller's part.
     *
     * @param bytes little-endian data by tensor name, asked once for each
     * @param tokenizerFrom a directory with tokenizer.json
     * @param torchDtype type that config.json names
     */
    public static void write(
            Path dir,
            DecoderConfig config,
            GenerationConfig generation,
            List<TensorInfo> tensors,
            Function<String, ByteBuffer> bytes,
            Path tokenizerFrom,
            DataType torchDtype) {
        try {
            Files.createDirectories(dir);
            copyTokenizer(tokenizerFrom, dir);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + dir, e);
        }
        JsonFile.write(dir.resolve("config.json"), DecoderConfigs.write(config, torchDtype));
        JsonFile.write(dir.resolve("generation_config.json"), GenerationJson.write(generation));
        SafetensorsWriter.write(dir.resolve("model.safetensors"), tensors, bytes, Map.of());
    }

    private static void copyTokenizer(Path from, Path dir) throws IOException {
        if (!Files.isRegularFile(from.resolve("tokenizer.json"))) {
            throw new ModelFormatException(from + " has no tokenizer.json to copy");
        }
        for (String name : TOKENIZER_FILES) {
            Path file = from.resolve(name);
            if (Files.isRegularFile(file)
                    && !(Files.exists(dir.resolve(name)) && Files.isSameFile(file, dir.resolve(name)))) {
                Files.copy(file, dir.resolve(name), StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }
}
