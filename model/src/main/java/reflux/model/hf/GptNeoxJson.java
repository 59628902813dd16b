// SPDX-License-Identifier: Apache-2.0
package reflux.model.hf;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** GPT-NeoX's configuration in transformers' names, of version 4 or 5. */
final class GptNeoxJson {
    private GptNeoxJson() {}

    static GptNeoxConfig read(JsonFile file) {
        JsonNode rope = file.node("rope_parameters");
        int hiddenSize = file.required("hidden_size");
        int heads = file.required("num_attention_heads");
        int contextLength = file.integer("max_position_embeddings", 2048);
        Sizes.requireAtLeastOne("num_attention_heads", heads);
        String scaled = file.has("rope_scaling") ? "rope_scaling" : "rope_parameters";
        double part = rope.path("partial_rotary_factor").isNumber()
                ? rope.path("partial_rotary_factor").asDouble()
                : file.number("rotary_pct", 0.25);
        return new GptNeoxConfig(
                file.required("vocab_size"),
                hiddenSize,
                file.required("intermediate_size"),
                file.required("num_hidden_layers"),
                heads,
                contextLength,
                (int) (hiddenSize / heads * part),
                RopeJson.theta(file, rope, "rotary_emb_base", 10000),
                RopeJson.scaling(file, scaled, file.node(scaled), contextLength),
                file.number("layer_norm_eps", 1e-5),
                file.text("hidden_act", "gelu"),
                file.flag("use_parallel_residual", true),
                file.flag("attention_bias", true),
                file.flag("tie_word_embeddings", false),
                file.ids("eos_token_id"));
    }

    static void write(GptNeoxConfig config, ObjectNode root) {
        root.put("hidden_size", config.hiddenSize());
        root.put("intermediate_size", config.intermediateSize());
        root.put("num_hidden_layers", config.layers());
        root.put("num_attention_heads", config.heads());
        root.put("max_position_embeddings", config.contextLength());
        root.put("rotary_pct", (double) config.rotarySize() * config.heads() / config.hiddenSize());
        root.put("rotary_emb_base", config.ropeTheta());
        root.put("layer_norm_eps", config.normEpsilon());
        root.put("hidden_act", config.activation());
        root.put("use_parallel_residual", config.isParallel());
        root.put("attention_bias", config.attentionBias());
        root.put("attention_dropout", 0.0);
        root.put("hidden_dropout", 0.0);
        RopeJson.write(config.ropeScaling(), root);
    }
}
