// SPDX-License-Identifier: Apache-2.0
package reflux.model.hf;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Rotary positions in transformers' names: {@code rope_theta} and {@code rope_scaling}, or both in {@code rope_parameters}. */
final class RopeJson {
    private RopeJson() {}

    /** The base, from {@code rope_parameters} or else from a key of its own. */
    static double theta(JsonFile file, JsonNode parameters, String key, double otherwise) {
        JsonNode nested = parameters.path("rope_theta");
        double theta = nested.isNumber() ? nested.asDouble() : file.number(key, otherwise);
        if (!(theta > 0)) {
            throw file.fault(key, "must be > 0");
        }
        return theta;
    }

    /** @param key of the file, where the object is or lies in, for messages */
    static RopeScaling scaling(JsonFile file, String key, JsonNode scaling, int contextLength) {
        String kind = scaling.path("rope_type").asText(scaling.path("type").asText("default"));
        return switch (kind) {
            case "default" -> new RopeScaling.None();
            case "linear" -> new RopeScaling.Linear(number(file, key, scaling, "factor"));
            case "llama3" ->
                new RopeScaling.Llama3(
                        number(file, key, scaling, "factor"),
                        number(file, key, scaling, "low_freq_factor"),
                        number(file, key, scaling, "high_freq_factor"),
                        scaling.path("original_max_position_embeddings").asInt(contextLength));
            default -> throw file.fault(key, "must be of rope_type default, linear or llama3");
        };
    }

    private static double number(JsonFile file, String key, JsonNode scaling, String member) {
        JsonNode node = scaling.path(member);
        if (!node.isNumber()) {
            throw file.fault(key, "must have the number " + member);
        }
        return node.asDouble();
    }

    static void write(RopeScaling scaling, ObjectNode root) {
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
