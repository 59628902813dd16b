// SPDX-License-Identifier: Apache-2.0
package reflux.model.hf;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Gemma 3's text configuration in transformers' names, of version 4 or 5. */
final class Gemma3Json {
    private static final String ROPE = "rope_parameters";

    private Gemma3Json() {}

    static Gemma3Config read(JsonFile file) {
        refuseOtherMaths(file);
        int layers = file.integer("num_hidden_layers", 26);
        int contextLength = file.integer("max_position_embeddings", 131072);
        int pattern = file.integer("sliding_window_pattern", file.integer("_sliding_window_pattern", 6));
        Sizes.requireAtLeastOne("sliding_window_pattern", pattern);
        JsonNode global = file.node(ROPE).path("full_attention");
        JsonNode local = file.node(ROPE).path("sliding_attention");
        if (!(RopeJson.scaling(file, ROPE, local, contextLength) instanceof RopeScaling.None)) {
            throw file.fault(ROPE, "must not scale sliding_attention");
        }
        String scaled = file.has("rope_scaling") ? "rope_scaling" : ROPE;
        return new Gemma3Config(
                file.integer("vocab_size", 262208),
                file.integer("hidden_size", 2304),
                file.integer("intermediate_size", 9216),
                layers,
                file.integer("num_attention_heads", 8),
                file.integer("num_key_value_heads", 4),
                file.integer("head_dim", 256),
                contextLength,
                RopeJson.theta(file, global, "rope_theta", 1_000_000),
                RopeJson.scaling(file, scaled, scaled.equals(ROPE) ? global : file.node("rope_scaling"), contextLength),
                RopeJson.theta(file, local, "rope_local_base_freq", 10_000),
                file.integer("query_pre_attn_scalar", 256),
                file.number("rms_norm_eps", 1e-6),
                file.flag("tie_word_embeddings", true),
                file.ids("eos_token_id"),
                LocalAttentionJson.read(file, layers, contextLength, layer -> (layer + 1) % pattern != 0));
    }

    private static void refuseOtherMaths(JsonFile file) {
        if (!file.text("hidden_activation", "gelu_pytorch_tanh").equals("gelu_pytorch_tanh")) {
            throw file.fault("hidden_activation", "must be gelu_pytorch_tanh");
        }
        for (String cap : new String[] {"attn_logit_softcapping", "final_logit_softcapping"}) {
            if (file.has(cap)) {
                throw file.fault(cap, "must be null (soft caps are not implemented)");
            }
        }
        for (String flag : new String[] {"attention_bias", "use_bidirectional_attention"}) {
            if (file.flag(flag, false)) {
                throw file.fault(flag, "must be false (it is not implemented)");
            }
        }
    }

    static void write(Gemma3Config config, ObjectNode root) {
        root.put("hidden_size", config.hiddenSize());
        root.put("intermediate_size", config.intermediateSize());
        root.put("num_hidden_layers", config.layers());
        root.put("num_attention_heads", config.heads());
        root.put("num_key_value_heads", config.keyValueHeads());
        root.put("head_dim", config.headSize());
        root.put("hidden_activation", "gelu_pytorch_tanh");
        root.put("max_position_embeddings", config.contextLength());
        root.put("query_pre_attn_scalar", config.queryScalar());
        root.put("rms_norm_eps", config.normEpsilon());
        root.put("rope_theta", config.ropeTheta());
        root.put("rope_local_base_freq", config.localRopeTheta());
        root.put("attention_bias", false);
        root.put("attention_dropout", 0.0);
        RopeJson.write(config.ropeScaling(), root);
        LocalAttentionJson.write(config.local(), config.layers(), root);
    }
}
