// SPDX-License-Identifier: Apache-2.0
package reflux.model.text;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** What a model directory says about its tokenizer; files that are absent say nothing. */
record TokenizerFiles(Path dir, JsonNode tokenizer, JsonNode settings, JsonNode model, JsonNode generation) {
    private static final long MAX_BYTES = 256L << 20;
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Throws {@code IllegalArgumentException} if there is no tokenizer.json or a file is not JSON. */
    static TokenizerFiles read(Path dir) {
        Path file = dir.resolve("tokenizer.json");
        if (!Files.isRegularFile(file)) {
            throw new IllegalArgumentException(
                    dir + " has no tokenizer.json. Other forms (tokenizer.model, vocab.json) are not"
                            + " read; saving the tokenizer with transformers (use_fast=True) writes tokenizer.json");
        }
        return new TokenizerFiles(
                dir,
                json(file),
                json(dir.resolve("tokenizer_config.json")),
                json(dir.resolve("config.json")),
                json(dir.resolve("generation_config.json")));
    }

    /** The file that the tokenizer is in. */
    Path file() {
        return dir.resolve("tokenizer.json");
    }

    /** Pieces that the settings name as begin, end, padding, unknown or further special tokens. */
    Set<String> namedSpecials() {
        Set<String> names = new TreeSet<>(templateTokens().values());
        settings.path("additional_special_tokens").forEach(node -> piece(node).ifPresent(names::add));
        return names;
    }

    /** Those that a chat template may write, by the names of its variables: {@code bos_token} and so on. */
    Map<String, String> templateTokens() {
        Map<String, String> tokens = new TreeMap<>();
        for (String key :
                List.of("bos_token", "eos_token", "pad_token", "unk_token", "cls_token", "sep_token", "mask_token")) {
            piece(settings.path(key)).ifPresent(piece -> tokens.put(key, piece));
        }
        return tokens;
    }

    Optional<String> endPiece() {
        return piece(settings.path("eos_token"));
    }

    /** Ids that generation_config.json, or else config.json, names as ends; in its order. */
    List<Integer> endIds() {
        List<Integer> own = ids(generation.path("eos_token_id"));
        return own.isEmpty() ? ids(model.path("eos_token_id")) : own;
    }

    private static List<Integer> ids(JsonNode node) {
        List<Integer> ids = new ArrayList<>();
        if (node.isInt()) {
            ids.add(node.intValue());
        }
        node.forEach(id -> ids.add(id.intValue()));
        return ids;
    }

    /** The file chat_template.jinja, or else the template of that name in tokenizer_config.json. */
    Optional<String> chatTemplate() {
        Path file = dir.resolve("chat_template.jinja");
        if (Files.isRegularFile(file)) {
            return Optional.of(new String(bytes(file), StandardCharsets.UTF_8));
        }
        JsonNode node = settings.path("chat_template");
        if (node.isTextual()) {
            return Optional.of(node.textValue());
        }
        for (JsonNode named : node) {
            if (named.path("name").asText().equals("default")) {
                return Optional.of(named.path("template").asText());
            }
        }
        return Optional.empty();
    }

    private static Optional<String> piece(JsonNode node) {
        JsonNode content = node.isObject() ? node.path("content") : node;
        return content.isTextual() ? Optional.of(content.textValue()) : Optional.empty();
    }

    private static JsonNode json(Path file) {
        if (!Files.isRegularFile(file)) {
            return MissingNode.getInstance();
        }
        try {
            JsonNode root = JSON.readTree(bytes(file));
            if (!root.isObject()) {
                throw new IllegalArgumentException(file + " must hold a JSON object");
            }
            return root;
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(file + " is not JSON: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    private static byte[] bytes(Path file) {
        try {
            long size = Files.size(file);
            if (size > MAX_BYTES) {
                throw new IllegalArgumentException(file + " must be <= " + MAX_BYTES + " bytes, was " + size);
            }
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }
}
