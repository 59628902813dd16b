// SPDX-License-Identifier: Apache-2.0
package reflux.model.hf;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import reflux.model.safetensors.SafetensorsFile;
import reflux.model.safetensors.SafetensorsWriter;
import reflux.model.safetensors.TensorInfo;
import reflux.model.safetensors.TensorSource;

/**
 * A LoRA adapter in PEFT's layout: adapter_config.json, and adapter_model.safetensors with for each module
 * {@code base_model.model.<module>.lora_A.weight} [r, in] and {@code lora_B.weight} [out, r]. Holds no open files.
 */
public final class AdapterDirectory {
    private static final String CONFIG = "adapter_config.json";
    private static final String WEIGHTS = "adapter_model.safetensors";
    private static final String BASE = "base_fingerprint";

    private final Path path;
    private final LoraConfig config;
    private final String baseModel;

    private AdapterDirectory(Path path, LoraConfig config, String baseModel) {
        this.path = path;
        this.config = config;
        this.baseModel = baseModel;
    }

    /**
     * Reads and checks adapter_config.json.
     *
     * @throws ModelFormatException naming the key that is missing, wrong or not supported
     */
    public static AdapterDirectory open(Path directory) {
        if (!isAdapter(directory)) {
            throw new ModelFormatException(
                    directory + " has no " + CONFIG + "; an adapter is a directory in PEFT's layout");
        }
        if (!Files.isRegularFile(directory.resolve(WEIGHTS))) {
            throw new ModelFormatException(directory + " has no " + WEIGHTS
                    + "; save the adapter with safe_serialization=True (pickles are not read)");
        }
        JsonFile file = JsonFile.read(directory.resolve(CONFIG));
        return new AdapterDirectory(directory, LoraJson.read(file), file.text("base_model_name_or_path", ""));
    }

    /** Whether the directory is an adapter's. */
    public static boolean isAdapter(Path directory) {
        return Files.isRegularFile(directory.resolve(CONFIG));
    }

    public Path path() {
        return path;
    }

    public LoraConfig config() {
        return config;
    }

    /** What the file names as the model that the adapter belongs to; may be empty. */
    public String baseModel() {
        return baseModel;
    }

    /** Fingerprint of the base's weights, if the writer stored one; else empty. */
    public String baseFingerprint() {
        try (SafetensorsFile file = openWeights()) {
            return file.metadata().getOrDefault(BASE, "");
        }
    }

    /**
     * Reads all of the base's weights, if the writer stored their fingerprint.
     *
     * @throws ModelFormatException if the adapter belongs to other weights
     */
    public void requireBase(ModelDirectory base) {
        String expected = baseFingerprint();
        if (expected.isEmpty()) {
            return;
        }
        try (TensorSource weights = base.openWeights()) {
            if (!WeightsFingerprint.of(weights).equals(expected)) {
                throw new ModelFormatException("the adapter of " + path + " belongs to the weights of " + baseModel
                        + ", which are not those of " + base.path());
            }
        }
    }

    /** The tensors; the caller closes them. */
    public SafetensorsFile openWeights() {
        return SafetensorsFile.open(path.resolve(WEIGHTS));
    }

    /**
     * Writes both files into a directory, which is made if need be.
     *
     * @param isTransposed whether the base's matrices are [in, out], as GPT-2's are
     * @param bytes little-endian data by tensor name, asked once for each
     */
    public static void write(
            Path directory,
            LoraConfig config,
            boolean isTransposed,
            Base base,
            List<TensorInfo> tensors,
            Function<String, ByteBuffer> bytes) {
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + directory, e);
        }
        JsonFile.write(directory.resolve(CONFIG), LoraJson.write(config, isTransposed, base.name()));
        SafetensorsWriter.write(directory.resolve(WEIGHTS), tensors, bytes, Map.of(BASE, base.fingerprint()));
    }

    /**
     * The model that an adapter belongs to.
     *
     * @param name directory or name on the hub
     * @param fingerprint of its weights, see {@link WeightsFingerprint}
     */
    public record Base(String name, String fingerprint) {}
}
