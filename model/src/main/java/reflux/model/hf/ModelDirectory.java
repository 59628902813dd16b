// SPDX-License-Identifier: Apache-2.0
package reflux.model.hf;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import reflux.model.engine.DataType;
import reflux.model.safetensors.TensorInfo;
import reflux.model.safetensors.TensorSource;
import reflux.model.text.TextTokenizer;

/** A model in Hugging Face's layout. Holds no open files. */
public final class ModelDirectory {
    private ModelDirectory() {}

    /** Reads and checks the configuration. */
    public static ModelDirectory open(Path dir) {
        throw new UnsupportedOperationException("not yet");
    }

    public Path path() {
        throw new UnsupportedOperationException("not yet");
    }

    /** Name of the directory. */
    public String name() {
        throw new UnsupportedOperationException("not yet");
    }

    public DecoderConfig config() {
        throw new UnsupportedOperationException("not yet");
    }

    public GenerationConfig generation() {
        throw new UnsupportedOperationException("not yet");
    }

    public TensorSource openWeights() {
        throw new UnsupportedOperationException("not yet");
    }

    public TextTokenizer openTokenizer() {
        throw new UnsupportedOperationException("not yet");
    }

    /**
     * Writes config.json, generation_config.json and model.safetensors, and copies the tokenizer's files. Making it appear
     * at once (a temporary directory and a rename) is the caller's part.
     *
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
        throw new UnsupportedOperationException("not yet");
    }
}
