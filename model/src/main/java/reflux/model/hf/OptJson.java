// SPDX-License-Identifier: Apache-2.0
package reflux.model.hf;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** OPT's configuration in transformers' names. */
final class OptJson {
    private OptJson() {}

    static OptConfig read(JsonFile file) {
        int hiddenSize = file.required("hidden_size");
        require(file, "do_layer_norm_before", true);
        require(file, "enable_bias", true);
        require(file, "layer_norm_elementwise_affine", true);
        require(file, "_remove_final_layer_norm", false);
        if (file.integer("word_embed_proj_dim", hiddenSize) != hiddenSize) {
            throw file.fault(
                    "word_embed_proj_dim",
                    "must be hidden_size, " + hiddenSize + " (the projections of opt-350m are not implemented)");
        }
        if (!file.text("activation_function", "relu").equals("relu")) {
            throw file.fault("activation_function", "must be relu");
        }
        return new OptConfig(
                file.required("vocab_size"),
                hiddenSize,
                file.required("ffn_dim"),
                file.required("num_hidden_layers"),
                file.required("num_attention_heads"),
                file.integer("max_position_embeddings", 2048),
                file.flag("tie_word_embeddings", true),
                file.ids("eos_token_id"));
    }

    private static void require(JsonFile file, String key, boolean supported) {
        if (file.flag(key, supported) != supported) {
            throw file.fault(key, "must be " + supported + " (the other layers are not implemented)");
        }
    }

    static void write(OptConfig config, ObjectNode root) {
        root.put("hidden_size", config.hiddenSize());
        root.put("word_embed_proj_dim", config.hiddenSize());
        root.put("ffn_dim", config.innerSize());
        root.put("num_hidden_layers", config.layers());
        root.put("num_attention_heads", config.heads());
        root.put("max_position_embeddings", config.contextLength());
        root.put("activation_function", "relu");
        root.put("do_layer_norm_before", true);
        root.put("attention_dropout", 0.0);
        root.put("dropout", 0.0);
        root.put("layerdrop", 0.0);
    }
}
