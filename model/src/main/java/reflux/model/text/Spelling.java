// SPDX-License-Identifier: Apache-2.0
package reflux.model.text;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/** How the pieces of a tokenizer stand for bytes. */
enum Spelling {
    /** In {@link ByteAlphabet}. */
    BYTE_LEVEL {
        @Override
        byte[] bytes(String piece) {
            return ByteAlphabet.bytes(piece);
        }
    },
    /** U+2581 for a space, {@code <0xHH>} for a byte, anything else for itself. */
    META_SPACE {
        @Override
        byte[] bytes(String piece) {
            return BYTE_PIECE.matcher(piece).matches()
                    ? new byte[] {(byte) Integer.parseInt(piece.substring(3, 5), 16)}
                    : utf8(piece.replace(BpeStyle.META_SPACE, " "));
        }
    },
    /** For themselves: characters, for one. */
    PLAIN {
        @Override
        byte[] bytes(String piece) {
            return utf8(piece);
        }
    },
    /** For themselves with a space before: whole words between white space. */
    WORDS {
        @Override
        byte[] bytes(String piece) {
            return utf8(" " + piece);
        }
    };

    private static final Pattern BYTE_PIECE = Pattern.compile("<0x[0-9A-F]{2}>");
    private static final List<String> SPACE_DROPPING =
            List.of("Whitespace", "WhitespaceSplit", "BertPreTokenizer", "CharDelimiterSplit");

    abstract byte[] bytes(String piece);

    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static Spelling of(Path file, JsonNode tokenizer) {
        String model = tokenizer.path("model").path("type").asText("BPE");
        if (!List.of("BPE", "Unigram", "WordLevel").contains(model)) {
            throw new IllegalArgumentException(
                    file + ": model " + model
                            + " is not supported, because its pieces do not spell the text's bytes; BPE, Unigram and WordLevel are");
        }
        if (has(tokenizer.path("decoder"), "ByteLevel") || has(tokenizer.path("pre_tokenizer"), "ByteLevel")) {
            return BYTE_LEVEL;
        }
        if (tokenizer.path("model").path("byte_fallback").asBoolean() || usesMetaSpace(tokenizer)) {
            return META_SPACE;
        }
        boolean dropsSpaces = SPACE_DROPPING.stream().anyMatch(type -> has(tokenizer.path("pre_tokenizer"), type));
        return model.equals("WordLevel") && dropsSpaces ? WORDS : PLAIN;
    }

    private static boolean usesMetaSpace(JsonNode tokenizer) {
        return has(tokenizer.path("pre_tokenizer"), "Metaspace")
                || has(tokenizer.path("decoder"), "Metaspace")
                || tokenizer.path("normalizer").toString().contains(BpeStyle.META_SPACE);
    }

    /** Whether a component, or one in its sequence, is of a type. */
    static boolean has(JsonNode component, String type) {
        return component.findValues("type").stream()
                .anyMatch(node -> node.asText().equals(type));
    }
}
