// SPDX-License-Identifier: Apache-2.0
package reflux.model.hf;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** GPT-2's configuration in transformers' names. */
final class Gpt2Json {
    private Gpt2Json() {}

    static Gpt2Config read(JsonFile file) {
        refuse(file, "scale_attn_weights", true);
        refuse(file, "scale_attn_by_inverse_layer_idx", false);
        refuse(file, "add_cross_attention", false);
        int hiddenSize = file.required("n_embd");
        return new Gpt2Config(
                file.required("vocab_size"),
                hiddenSize,
                file.integer("n_inner", Math.multiplyExact(4, hiddenSize)),
                file.required("n_layer"),
                file.required("n_head"),
                file.integer("n_positions", 1024),
                file.number("layer_norm_epsilon", 1e-5),
                file.text("activation_function", "gelu_new"),
                file.flag("tie_word_embeddings", true),
                file.ids("eos_token_id"));
    }

    private static void refuse(JsonFile file, String key, boolean supported) {
        if (file.flag(key, supported) != supported) {
            throw file.fault(key, "must be " + supported + " (the other attention is not implemented)");
        }
    }

    static void write(Gpt2Config config, ObjectNode root) {
        root.put("n_embd", config.hiddenSize());
        root.put("n_inner", config.innerSize());
        root.put("n_layer", config.layers());
        root.put("n_head", config.heads());
        root.put("n_positions", config.contextLength());
        root.put("n_ctx", config.contextLength());
        root.put("layer_norm_epsilon", config.normEpsilon());
        root.put("activation_function", config.activation());
        root.put("attn_pdrop", 0.0);
        root.put("embd_pdrop", 0.0);
        root.put("resid_pdrop", 0.0);
    }
}
