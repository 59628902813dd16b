// SPDX-License-Identifier: Apache-2.0
package reflux.model.hf;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/** A small JSON object in a file, read key by key with messages that name both. A key that holds null counts as absent. */
record JsonFile(Path file, ObjectNode root) {
    private static final long MAX_BYTES = 4 << 20;
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    static JsonFile read(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new ModelFormatException(file + " does not exist; a model directory has one");
        }
        try {
            long size = Files.size(file);
            if (size > MAX_BYTES) {
                throw new ModelFormatException(file + " must be <= " + MAX_BYTES + " bytes, was " + size);
            }
            if (JSON.readTree(Files.readAllBytes(file)) instanceof ObjectNode root) {
                return new JsonFile(file, root);
            }
            throw new ModelFormatException(file + " must hold a JSON object");
        } catch (JsonProcessingException e) {
            throw new ModelFormatException(file + " is not sound JSON: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    static void write(Path file, ObjectNode root) {
        try {
            Files.write(file, JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(root));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file, e);
        }
    }

    boolean has(String key) {
        return root.hasNonNull(key);
    }

    /** The value of a key, missing or not. */
    JsonNode node(String key) {
        return has(key) ? root.get(key) : com.fasterxml.jackson.databind.node.MissingNode.getInstance();
    }

    int required(String key) {
        if (!has(key)) {
            throw new ModelFormatException(file + " lacks " + key);
        }
        return integer(key, 0);
    }

    int integer(String key, int otherwise) {
        JsonNode node = node(key);
        if (!node.isMissingNode() && !node.isInt()) {
            throw fault(key, "must be a whole number");
        }
        return node.asInt(otherwise);
    }

    OptionalInt optional(String key) {
        return has(key) ? OptionalInt.of(integer(key, 0)) : OptionalInt.empty();
    }

    double number(String key, double otherwise) {
        JsonNode node = node(key);
        if (!node.isMissingNode() && !node.isNumber()) {
            throw fault(key, "must be a number");
        }
        return node.asDouble(otherwise);
    }

    boolean flag(String key, boolean otherwise) {
        JsonNode node = node(key);
        if (!node.isMissingNode() && !node.isBoolean()) {
            throw fault(key, "must be true or false");
        }
        return node.asBoolean(otherwise);
    }

    String text(String key, String otherwise) {
        JsonNode node = node(key);
        if (!node.isMissingNode() && !node.isTextual()) {
            throw fault(key, "must be a string");
        }
        return node.asText(otherwise);
    }

    /** One id or a list of them. */
    List<Integer> ids(String key) {
        JsonNode node = node(key);
        List<Integer> ids = new ArrayList<>();
        for (JsonNode id : node.isArray() ? node : List.of(node)) {
            if (id.isMissingNode()) {
                continue;
            }
            if (!id.isInt() || id.intValue() < 0) {
                throw fault(key, "must be an id >= 0 or a list of them");
            }
            ids.add(id.intValue());
        }
        return List.copyOf(ids);
    }

    /** Says which key has which value, and why that will not do. */
    ModelFormatException fault(String key, String fact) {
        return new ModelFormatException(file + ": " + key + " " + fact + ", was " + node(key));
    }

    /** Runs a check whose message lacks the file. */
    <T> T naming(java.util.function.Supplier<T> made) {
        try {
            return made.get();
        } catch (ModelFormatException e) {
            throw e;
        } catch (IllegalArgumentException e) {
            throw new ModelFormatException(file + ": " + e.getMessage(), e);
        }
    }
}
