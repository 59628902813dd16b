// SPDX-License-Identifier: Apache-2.0
package reflux.model.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;

/**
 * Makes the names of special tokens in a text be plain text. The native tokenizer looks for them in every text and has no
 * switch for it here, so it is given a copy of tokenizer.json in which they have names that nobody can guess. Ids stay.
 *
 * @param tokenizer the copy, without post-processor, truncation and padding; large, to be dropped once the native tokenizer has read it
 * @param added finds the special tokens that a chat template wrote
 */
record PlainSpecials(ObjectNode tokenizer, AddedNames added) {

    static PlainSpecials of(JsonNode tokenizer) {
        Map<String, String> names = new HashMap<>();
        ObjectNode hidden = hide(tokenizer, names);
        return new PlainSpecials(hidden, new AddedNames(tokenizer.path("added_tokens"), names));
    }

    private static ObjectNode hide(JsonNode tokenizer, Map<String, String> names) {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.setAll((ObjectNode) tokenizer);
        root.putNull("truncation").putNull("padding").putNull("post_processor");
        root.set("added_tokens", renamedTokens(tokenizer.path("added_tokens"), names));
        root.set("model", renamedModel((ObjectNode) tokenizer.path("model"), names));
        return root;
    }

    private static ArrayNode renamedTokens(JsonNode tokens, Map<String, String> names) {
        byte[] secret = new byte[16];
        new SecureRandom().nextBytes(secret);
        String prefix = "\uE000" + HexFormat.of().formatHex(secret);
        ArrayNode renamed = JsonNodeFactory.instance.arrayNode();
        for (JsonNode token : tokens) {
            ObjectNode copy = token.deepCopy();
            if (token.path("special").asBoolean()) {
                String name = prefix + names.size() + "\uE001";
                names.put(token.path("content").asText(), name);
                copy.put("content", name).put("normalized", false);
            }
            renamed.add(copy);
        }
        return renamed;
    }

    private static ObjectNode renamedModel(ObjectNode model, Map<String, String> names) {
        ObjectNode copy = JsonNodeFactory.instance.objectNode();
        copy.setAll(model);
        JsonNode unknown = model.path("unk_token");
        if (unknown.isTextual()) {
            copy.put("unk_token", names.getOrDefault(unknown.textValue(), unknown.textValue()));
        }
        JsonNode vocabulary = model.path("vocab");
        if (vocabulary.isObject()) {
            ObjectNode renamed = copy.putObject("vocab");
            vocabulary
                    .properties()
                    .forEach(
                            entry -> renamed.set(names.getOrDefault(entry.getKey(), entry.getKey()), entry.getValue()));
        } else {
            ArrayNode renamed = copy.putArray("vocab");
            for (JsonNode scored : vocabulary) {
                String piece = scored.path(0).asText();
                renamed.addArray().add(names.getOrDefault(piece, piece)).add(scored.path(1));
            }
        }
        return copy;
    }
}
