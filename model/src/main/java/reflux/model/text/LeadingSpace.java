// SPDX-License-Identifier: Apache-2.0
package reflux.model.text;

import com.fasterxml.jackson.databind.JsonNode;

/** Whether a tokenizer puts a space before a text, which its first token then spells. */
enum LeadingSpace {
    NONE,
    ALWAYS,
    IF_ABSENT;

    static LeadingSpace of(JsonNode tokenizer, Spelling spelling) {
        if (Spelling.has(tokenizer.path("normalizer"), "Prepend")) {
            return ALWAYS;
        }
        for (JsonNode part : tokenizer.path("pre_tokenizer").findParents("type")) {
            String scheme = part.path("prepend_scheme")
                    .asText(part.path("add_prefix_space").asBoolean() ? "always" : "never");
            if (!scheme.equals("never")) {
                return IF_ABSENT;
            }
        }
        return spelling == Spelling.WORDS ? ALWAYS : NONE;
    }

    boolean isBefore(String text) {
        if (text.isEmpty() || this == NONE) {
            return false;
        }
        return this == ALWAYS || !(text.startsWith(" ") || text.startsWith(BpeStyle.META_SPACE));
    }
}
