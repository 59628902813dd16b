// SPDX-License-Identifier: Apache-2.0
package reflux.model.hf;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import reflux.model.engine.DataType;

/** Reads and writes {@code config.json}. */
public final class DecoderConfigs {
    private static final Map<String, String> ARCHITECTURES = Map.of(
            "llama", "LlamaForCausalLM",
            "mistral", "MistralForCausalLM",
            "qwen2", "Qwen2ForCausalLM",
            "qwen3", "Qwen3ForCausalLM",
            "gemma3_text", "Gemma3ForCausalLM",
            "gpt2", "GPT2LMHeadModel",
            "gpt_neox", "GPTNeoXForCausalLM",
            "opt", "OPTForCausalLM");
    private static final List<String> FAMILIES =
            ARCHITECTURES.keySet().stream().sorted().toList();
    private static final Map<DataType, String> TORCH_NAMES = Map.of(
            DataType.F32, "float32", DataType.BF16, "bfloat16", DataType.F16, "float16", DataType.F64, "float64");

    private DecoderConfigs() {}

    /**
     * Reads a configuration with the defaults of transformers. Refuses, by name, every family and every option whose maths is not
     * implemented, with {@link ModelFormatException}. Dropout rates are not read: there is none.
     */
    public static DecoderConfig parse(Path configJson) {
        JsonFile file = JsonFile.read(configJson);
        refuseForeignCode(file);
        String family = file.text("model_type", "");
        if (!ARCHITECTURES.containsKey(family)) {
            throw new ModelFormatException(
                    configJson + ": model_type '" + family + "' is not supported; one of " + FAMILIES + " is");
        }
        for (JsonNode architecture : file.node("architectures")) {
            if (!architecture.asText().equals(ARCHITECTURES.get(family))) {
                throw new ModelFormatException(configJson + ": architectures must be [" + ARCHITECTURES.get(family)
                        + "] for " + family + ", was " + file.node("architectures"));
            }
        }
        return file.naming(() -> switch (family) {
            case "gpt2" -> Gpt2Json.read(file);
            case "gemma3_text" -> Gemma3Json.read(file);
            case "gpt_neox" -> GptNeoxJson.read(file);
            case "opt" -> OptJson.read(file);
            default -> LlamaJson.read(file, family);
        });
    }

    /** The configuration as transformers spells it. */
    static ObjectNode write(DecoderConfig config, DataType torchDtype) {
        ObjectNode root = com.fasterxml.jackson.databind.node.JsonNodeFactory.instance.objectNode();
        root.putArray("architectures").add(ARCHITECTURES.get(config.family()));
        root.put("model_type", config.family());
        String torchName = TORCH_NAMES.get(torchDtype);
        if (torchName == null) {
            throw new IllegalArgumentException("torch_dtype must be a floating point type, was " + torchDtype);
        }
        root.put("torch_dtype", torchName);
        root.put("vocab_size", config.vocabularySize());
        root.put("tie_word_embeddings", config.tiedHead());
        root.put("use_cache", true);
        root.putNull("bos_token_id");
        putIds(root, config.eosIds());
        if (config instanceof LlamaConfig llama) {
            LlamaJson.write(llama, root);
        } else if (config instanceof Gemma3Config gemma) {
            Gemma3Json.write(gemma, root);
        } else if (config instanceof GptNeoxConfig neox) {
            GptNeoxJson.write(neox, root);
        } else if (config instanceof OptConfig opt) {
            OptJson.write(opt, root);
        } else {
            Gpt2Json.write((Gpt2Config) config, root);
        }
        return root;
    }

    static void putIds(ObjectNode root, List<Integer> eosIds) {
        if (eosIds.isEmpty()) {
            root.putNull("eos_token_id");
        } else if (eosIds.size() == 1) {
            root.put("eos_token_id", eosIds.get(0));
        } else {
            eosIds.forEach(root.putArray("eos_token_id")::add);
        }
    }

    private static void refuseForeignCode(JsonFile file) {
        if (file.has("auto_map")) {
            throw new ModelFormatException(
                    file.file() + " has auto_map: the model brings its own code, and that is never run;"
                            + " use a model of a family that is built in");
        }
        if (file.has("quantization_config")) {
            throw new ModelFormatException(file.file() + " has quantization_config: quantized weights are not read;"
                    + " use the float32, bfloat16 or float16 weights of the model");
        }
    }
}
