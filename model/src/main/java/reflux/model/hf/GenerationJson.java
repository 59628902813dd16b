// SPDX-License-Identifier: Apache-2.0
package reflux.model.hf;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Sampling defaults in transformers' names. */
final class GenerationJson {
    private GenerationJson() {}

    /** Reads the file; where it is absent or names no end ids, those of the model hold. */
    static GenerationConfig read(Path generationJson, List<Integer> modelEosIds) {
        if (!Files.exists(generationJson)) {
            return GenerationConfig.plain(modelEosIds);
        }
        JsonFile file = JsonFile.read(generationJson);
        List<Integer> eosIds = file.ids("eos_token_id");
        return file.naming(() -> new GenerationConfig(
                file.number("temperature", 1),
                file.integer("top_k", 0),
                file.number("top_p", 1),
                file.integer("max_new_tokens", 0),
                eosIds.isEmpty() ? modelEosIds : eosIds));
    }

    static ObjectNode write(GenerationConfig config) {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        boolean sampled = config.temperature() > 0;
        root.put("do_sample", sampled);
        if (sampled) {
            root.put("temperature", config.temperature());
            root.put("top_k", config.topK());
            root.put("top_p", config.topP());
        }
        if (config.maxNewTokens() > 0) {
            root.put("max_new_tokens", config.maxNewTokens());
        }
        DecoderConfigs.putIds(root, config.eosIds());
        return root;
    }
}
