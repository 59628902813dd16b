// SPDX-License-Identifier: Apache-2.0
package reflux.model.hf;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;

/** PEFT's adapter_config.json. */
final class LoraJson {
    /** Keys that are read here, and keys that say nothing about what an adapter computes. */
    private static final Set<String> KNOWN = Set.of(
            "auto_mapping",
            "base_model_name_or_path",
            "bias",
            "fan_in_fan_out",
            "inference_mode",
            "init_lora_weights",
            "lora_alpha",
            "lora_dropout",
            "megatron_core",
            "peft_type",
            "peft_version",
            "qalora_group_size",
            "r",
            "revision",
            "runtime_config",
            "target_modules",
            "task_type",
            "use_rslora");

    /** Other ways to begin (PiSSA, OLoRA, LoftQ, CorDA) change the base's weights, which are then not those of the directory. */
    private static final Set<String> BEGINNINGS = Set.of("true", "false", "gaussian", "eva", "orthogonal");

    private LoraJson() {}

    /** Refuses by name whatever would make the adapter compute something else. */
    static LoraConfig read(JsonFile file) {
        requireText(file, "peft_type", "LORA");
        requireText(file, "bias", "none");
        requireText(file, "task_type", "CAUSAL_LM");
        if (file.has("init_lora_weights")
                && !BEGINNINGS.contains(file.node("init_lora_weights").asText())) {
            throw file.fault("init_lora_weights", "must leave the base's weights as they are");
        }
        Iterator<String> keys = file.root().fieldNames();
        while (keys.hasNext()) {
            String key = keys.next();
            if (!KNOWN.contains(key) && !isNeutral(file.node(key))) {
                throw file.fault(key, "is not supported and must be left out");
            }
        }
        return file.naming(() -> new LoraConfig(
                file.integer("r", 8),
                file.number("lora_alpha", 8),
                file.number("lora_dropout", 0),
                targets(file),
                file.flag("use_rslora", false)));
    }

    private static void requireText(JsonFile file, String key, String only) {
        if (!file.text(key, only).equals(only)) {
            throw file.fault(key, "must be " + only);
        }
    }

    private static boolean isNeutral(JsonNode node) {
        return node.isMissingNode()
                || (node.isContainerNode() && node.isEmpty())
                || node.asText().equals("false");
    }

    private static List<String> targets(JsonFile file) {
        JsonNode node = file.node("target_modules");
        if (node.isTextual()) {
            if (!node.asText().matches("[\\w.-]+")) {
                throw file.fault("target_modules", "must be a list of names (a regular expression is not supported)");
            }
            return List.of(node.asText());
        }
        List<String> targets = new ArrayList<>();
        for (JsonNode name : node) {
            if (!name.isTextual()) {
                throw file.fault("target_modules", "must be a list of names");
            }
            targets.add(name.asText());
        }
        return targets;
    }

    /** @param isTransposed whether the base's matrices are [in, out], as GPT-2's are */
    static ObjectNode write(LoraConfig config, boolean isTransposed, String baseModel) {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.put("peft_type", "LORA");
        root.put("task_type", "CAUSAL_LM");
        root.put("base_model_name_or_path", baseModel);
        root.put("r", config.rank());
        if (config.alpha() == Math.rint(config.alpha()) && config.alpha() < Integer.MAX_VALUE) {
            root.put("lora_alpha", (int) config.alpha());
        } else {
            root.put("lora_alpha", config.alpha());
        }
        root.put("lora_dropout", config.dropout());
        config.targetModules().forEach(root.putArray("target_modules")::add);
        root.put("use_rslora", config.isRankStabilised());
        root.put("fan_in_fan_out", isTransposed);
        root.put("bias", "none");
        root.put("inference_mode", true);
        return root;
    }
}
