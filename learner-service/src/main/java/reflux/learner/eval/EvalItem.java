// SPDX-License-Identifier: Apache-2.0
package reflux.learner.eval;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * One line of a test file.
 *
 * @param references right responses; one or more
 */
public record EvalItem(String prompt, List<String> references) {
    private static final ObjectMapper JSON = new ObjectMapper();

    public EvalItem {
        references = List.copyOf(references);
        if (references.isEmpty()) {
            throw new IllegalArgumentException("the prompt \"" + prompt + "\" has no reference");
        }
    }

    /** Lines of {@code {"prompt","response"}}, the response a text or a list of texts; fails with file and line. */
    public static List<EvalItem> read(Path file) {
        try {
            List<EvalItem> items = new ArrayList<>();
            List<String> lines = Files.readAllLines(file);
            for (int i = 0; i < lines.size(); i++) {
                if (!lines.get(i).isBlank()) {
                    items.add(parse(lines.get(i), file + ":" + (i + 1)));
                }
            }
            if (items.isEmpty()) {
                throw new IllegalArgumentException(file + ": has no lines");
            }
            return items;
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": cannot be read: " + e.getMessage(), e);
        }
    }

    private static EvalItem parse(String line, String place) {
        JsonNode node = json(line, place);
        JsonNode response = node.has("response") ? node.get("response") : node.path("completion");
        List<String> references = new ArrayList<>();
        if (response.isTextual()) {
            references.add(response.textValue());
        }
        for (JsonNode one : response) {
            references.add(one.asText());
        }
        if (!node.path("prompt").isTextual() || references.isEmpty()) {
            throw new IllegalArgumentException(
                    place + ": needs a text \"prompt\" and a \"response\" (text or list of texts), was " + line);
        }
        return new EvalItem(node.get("prompt").textValue(), references);
    }

    private static JsonNode json(String line, String place) {
        try {
            return JSON.readTree(line);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(place + ": is no JSON: " + e.getOriginalMessage(), e);
        }
    }
}
