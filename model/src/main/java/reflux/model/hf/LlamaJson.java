// SPDX-License-Identifier: Apache-2.0
package reflux.model.hf;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** The configurations of Llama, Mistral, Qwen2 and Qwen3 in transformers' names. */
final class LlamaJson {
    private LlamaJson() {}

    static LlamaConfig read(JsonFile file, String family) {
        int hiddenSize = file.required("hidden_size");
        int layers = file.required("num_hidden_layers");
        int heads = file.required("num_attention_heads");
        int contextLength = file.integer("max_position_embeddings", defaultContext(family));
        refuseOtherMaths(file, family);
        String rope = file.has("rope_scaling") ? "rope_scaling" : "rope_parameters";
        boolean attentionBias =
                (family.equals("llama") || family.equals("qwen3")) && file.flag("attention_bias", false);
        return new LlamaConfig(
                family,
                file.required("vocab_size"),
                hiddenSize,
                file.required("intermediate_size"),
                layers,
                heads,
                file.integer("num_key_value_heads", defaultKeyValueHeads(family, heads)),
                file.has("head_dim") ? file.integer("head_dim", 0) : headSize(family, hiddenSize, heads),
                contextLength,
                RopeJson.theta(file, file.node("rope_parameters"), "rope_theta", 10000),
                RopeJson.scaling(file, rope, file.node(rope), contextLength),
                file.number("rms_norm_eps", 1e-6),
                file.flag("tie_word_embeddings", false),
                attentionBias,
                attentionBias || family.equals("qwen2"),
                family.equals("llama") && file.flag("mlp_bias", false),
                file.ids("eos_token_id"),
                local(file, family, layers, contextLength));
    }

    private static int headSize(String family, int hiddenSize, int heads) {
        if (family.equals("qwen3")) {
            return 128;
        }
        Sizes.requireAtLeastOne("num_attention_heads", heads);
        Sizes.requireMultiple("hidden_size", hiddenSize, "num_attention_heads", heads);
        return hiddenSize / heads;
    }

    private static int defaultContext(String family) {
        return switch (family) {
            case "mistral" -> 131072;
            case "qwen2", "qwen3" -> 32768;
            default -> 2048;
        };
    }

    private static int defaultKeyValueHeads(String family, int heads) {
        return switch (family) {
            case "mistral" -> 8;
            case "qwen2", "qwen3" -> 32;
            default -> heads;
        };
    }

    private static void refuseOtherMaths(JsonFile file, String family) {
        if (!file.text("hidden_act", "silu").equals("silu")) {
            throw file.fault("hidden_act", "must be silu");
        }
        double nested =
                file.node("rope_parameters").path("partial_rotary_factor").asDouble(1);
        if (file.number("partial_rotary_factor", nested) != 1) {
            throw file.fault(
                    "partial_rotary_factor", "must be 1 (rotary positions over a part of a head are not implemented)");
        }
        if (file.node("layer_types").toString().contains("sliding_attention") && !hasWindow(file, family)) {
            throw file.fault("layer_types", "must have no sliding_attention without use_sliding_window");
        }
    }

    private static boolean hasWindow(JsonFile file, String family) {
        return family.equals("mistral") || (isQwen(family) && file.flag("use_sliding_window", false));
    }

    private static boolean isQwen(String family) {
        return family.startsWith("qwen");
    }

    private static LocalAttention local(JsonFile file, String family, int layers, int contextLength) {
        if (!hasWindow(file, family)) {
            return LocalAttention.NONE;
        }
        int first = isQwen(family) ? file.integer("max_window_layers", 28) : 0;
        return LocalAttentionJson.read(file, layers, contextLength, layer -> layer >= first);
    }

    static void write(LlamaConfig config, ObjectNode root) {
        root.put("hidden_size", config.hiddenSize());
        root.put("intermediate_size", config.intermediateSize());
        root.put("num_hidden_layers", config.layers());
        root.put("num_attention_heads", config.heads());
        root.put("num_key_value_heads", config.keyValueHeads());
        root.put("head_dim", config.headSize());
        root.put("hidden_act", "silu");
        root.put("max_position_embeddings", config.contextLength());
        root.put("rms_norm_eps", config.normEpsilon());
        root.put("rope_theta", config.ropeTheta());
        root.put("attention_dropout", 0.0);
        if (config.family().equals("llama") || config.family().equals("qwen3")) {
            root.put("attention_bias", config.attentionBias());
        }
        if (config.family().equals("llama")) {
            root.put("mlp_bias", config.mlpBias());
        }
        writeLocal(config, root);
        RopeJson.write(config.ropeScaling(), root);
    }

    private static void writeLocal(LlamaConfig config, ObjectNode root) {
        boolean isLocal = config.local().window() > 0;
        if (isQwen(config.family())) {
            root.put("use_sliding_window", isLocal);
        }
        if (isLocal && isQwen(config.family())) {
            LocalAttentionJson.write(config.local(), config.layers(), root);
        } else if (isLocal) {
            root.put("sliding_window", config.local().window());
        } else if (config.family().equals("mistral")) {
            root.putNull("sliding_window");
        }
    }
}
