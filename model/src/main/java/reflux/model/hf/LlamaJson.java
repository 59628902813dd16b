// SPDX-License-Identifier: Apache-2.0
package reflux.model.hf;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** The configurations of Llama, Mistral and Qwen2 in transformers' names. */
final class LlamaJson {
    private LlamaJson() {}

    static LlamaConfig read(JsonFile file, String family) {
        int hiddenSize = file.required("hidden_size");
        int layers = file.required("num_hidden_layers");
        int heads = file.required("num_attention_heads");
        int contextLength = file.integer("max_position_embeddings", defaultContext(family));
        refuseOtherMaths(file, family, contextLength, layers);
        boolean attentionBias = family.equals("llama") && file.flag("attention_bias", false);
        return new LlamaConfig(
                family,
                file.required("vocab_size"),
                hiddenSize,
                file.required("intermediate_size"),
                layers,
                heads,
                file.integer("num_key_value_heads", defaultKeyValueHeads(family, heads)),
                file.has("head_dim") ? file.integer("head_dim", 0) : headSize(hiddenSize, heads),
                contextLength,
                ropeTheta(file),
                ropeScaling(file, contextLength),
                file.number("rms_norm_eps", 1e-6),
                file.flag("tie_word_embeddings", false),
                attentionBias,
                attentionBias || family.equals("qwen2"),
                family.equals("llama") && file.flag("mlp_bias", false),
                file.ids("eos_token_id"));
    }

    private static int headSize(int hiddenSize, int heads) {
        Sizes.requireAtLeastOne("num_attention_heads", heads);
        Sizes.requireMultiple("hidden_size", hiddenSize, "num_attention_heads", heads);
        return hiddenSize / heads;
    }

    private static int defaultContext(String family) {
        return switch (family) {
            case "mistral" -> 131072;
            case "qwen2" -> 32768;
            default -> 2048;
        };
    }

    private static int defaultKeyValueHeads(String family, int heads) {
        return switch (family) {
            case "mistral" -> 8;
            case "qwen2" -> 32;
            default -> heads;
        };
    }

    private static void refuseOtherMaths(JsonFile file, String family, int contextLength, int layers) {
        if (!file.text("hidden_act", "silu").equals("silu")) {
            throw file.fault("hidden_act", "must be silu");
        }
        double nested =
                file.node("rope_parameters").path("partial_rotary_factor").asDouble(1);
        if (file.number("partial_rotary_factor", nested) != 1) {
            throw file.fault(
                    "partial_rotary_factor", "must be 1 (rotary positions over a part of a head are not implemented)");
        }
        int window = slidingWindow(file, family, layers);
        if (window < contextLength) {
            throw new ModelFormatException(
                    file.file() + ": sliding_window must be null or >= max_position_embeddings, was "
                            + window + " < " + contextLength
                            + " (sliding-window attention is not implemented; up to that many positions the"
                            + " model is the same without it, so lower max_position_embeddings to " + window + ")");
        }
    }

    /** Positions that attention looks back over; without a window all of them. */
    private static int slidingWindow(JsonFile file, String family, int layers) {
        boolean mistral = family.equals("mistral");
        boolean used = mistral
                || (family.equals("qwen2")
                        && file.flag("use_sliding_window", false)
                        && file.integer("max_window_layers", 28) < layers);
        if (!used) {
            return Integer.MAX_VALUE;
        }
        boolean said = file.root().has("sliding_window");
        return said && !file.has("sliding_window") ? Integer.MAX_VALUE : file.integer("sliding_window", 4096);
    }

    private static double ropeTheta(JsonFile file) {
        JsonNode nested = file.node("rope_parameters").path("rope_theta");
        double theta = nested.isNumber() ? nested.asDouble() : file.number("rope_theta", 10000);
        if (!(theta > 0)) {
            throw file.fault("rope_theta", "must be > 0");
        }
        return theta;
    }

    private static RopeScaling ropeScaling(JsonFile file, int contextLength) {
        String key = file.has("rope_scaling") ? "rope_scaling" : "rope_parameters";
        JsonNode scaling = file.node(key);
        String kind = scaling.path("rope_type").asText(scaling.path("type").asText("default"));
        return switch (kind) {
            case "default" -> new RopeScaling.None();
            case "linear" -> new RopeScaling.Linear(number(file, key, "factor"));
            case "llama3" ->
                new RopeScaling.Llama3(
                        number(file, key, "factor"),
                        number(file, key, "low_freq_factor"),
                        number(file, key, "high_freq_factor"),
                        scaling.path("original_max_position_embeddings").asInt(contextLength));
            default -> throw file.fault(key, "must be of rope_type default, linear or llama3");
        };
    }

    private static double number(JsonFile file, String key, String member) {
        JsonNode node = file.node(key).path(member);
        if (!node.isNumber()) {
            throw file.fault(key, "must have the number " + member);
        }
        return node.asDouble();
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
        switch (config.family()) {
            case "llama" -> root.put("attention_bias", config.attentionBias()).put("mlp_bias", config.mlpBias());
            case "mistral" -> root.putNull("sliding_window");
            default -> root.put("use_sliding_window", false);
        }
        writeScaling(config.ropeScaling(), root);
    }

    private static void writeScaling(RopeScaling scaling, ObjectNode root) {
        if (scaling instanceof RopeScaling.Linear linear) {
            root.putObject("rope_scaling").put("rope_type", "linear").put("factor", linear.factor());
        } else if (scaling instanceof RopeScaling.Llama3 llama3) {
            root.putObject("rope_scaling")
                    .put("rope_type", "llama3")
                    .put("factor", llama3.factor())
                    .put("low_freq_factor", llama3.lowFrequencyFactor())
                    .put("high_freq_factor", llama3.highFrequencyFactor())
                    .put("original_max_position_embeddings", llama3.originalContextLength());
        } else {
            root.putNull("rope_scaling");
        }
    }
}
