// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.verb;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Makes a tokenizer put a space before each text that begins with none, so that a word is spelled by the same tokens
 * wherever it stands. Of two such tokenizers, each reads what the other wrote as it would have written it.
 */
final class PrefixSpace {
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
    private static final String META_SPACE = "\u2581";

    private PrefixSpace() {}

    /** Rewrites {@code tokenizer.json} in the directory: Metaspace for SentencePiece style, add_prefix_space for byte level. */
    static void add(Path directory) throws IOException {
        Path file = directory.resolve("tokenizer.json");
        ObjectNode tokenizer = (ObjectNode) JSON.readTree(file.toFile());
        if (tokenizer.path("model").path("byte_fallback").asBoolean()) {
            tokenizer.putNull("normalizer");
            tokenizer
                    .putObject("pre_tokenizer")
                    .put("type", "Metaspace")
                    .put("replacement", META_SPACE)
                    .put("prepend_scheme", "always")
                    .put("split", true);
        } else {
            for (JsonNode part : tokenizer.path("pre_tokenizer").findParents("add_prefix_space")) {
                ((ObjectNode) part).put("add_prefix_space", true);
            }
        }
        JSON.writeValue(file.toFile(), tokenizer);
    }
}
