// SPDX-License-Identifier: Apache-2.0
package reflux.model.text;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.stream.IntStream;

/** What the post-processor of tokenizer.json puts before a text: that decides in transformers 5 too, whatever add_bos_token says. */
final class BeginTokens {
    private BeginTokens() {}

    /** Their ids, mostly one or none. What it puts after a text is not read: a prompt is followed by its response. */
    static int[] of(JsonNode tokenizer) {
        JsonNode processor = tokenizer.path("post_processor");
        for (JsonNode part : processor.findParents("type")) {
            switch (part.path("type").asText()) {
                case "TemplateProcessing" -> {
                    return ofTemplate(part);
                }
                case "BertProcessing", "RobertaProcessing" -> {
                    return new int[] {part.path("cls").path(1).asInt()};
                }
                default -> {} // ByteLevel: offsets only
            }
        }
        return new int[0];
    }

    private static int[] ofTemplate(JsonNode processing) {
        IntStream.Builder ids = IntStream.builder();
        for (JsonNode piece : processing.path("single")) {
            if (piece.has("Sequence")) {
                break;
            }
            String name = piece.path("SpecialToken").path("id").asText();
            processing.path("special_tokens").path(name).path("ids").forEach(id -> ids.add(id.asInt()));
        }
        return ids.build().toArray();
    }
}
