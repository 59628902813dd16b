// SPDX-License-Identifier: Apache-2.0
package reflux.learner.sft;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import reflux.model.text.PromptText;
import reflux.model.text.TextTokenizer;

/** Reads {@code {"prompt","response"}} lines (also {@code completion}; of several responses the first) as examples. */
final class SftData {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final TextTokenizer tokenizer;
    private final int endId;
    private final int contextLength;

    SftData(TextTokenizer tokenizer, int contextLength) {
        this.tokenizer = tokenizer;
        this.endId = tokenizer.vocabulary().endId();
        this.contextLength = contextLength;
        if (endId < 0) {
            throw new IllegalArgumentException("the tokenizer has no end-of-sequence token, so responses cannot end");
        }
    }

    List<SftExample> read(List<Path> files) {
        List<SftExample> examples = new ArrayList<>();
        for (Path file : files) {
            readFile(file, examples);
        }
        return examples;
    }

    private void readFile(Path file, List<SftExample> examples) {
        try (BufferedReader reader = Files.newBufferedReader(file)) {
            int number = 0;
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                number++;
                if (!line.isBlank()) {
                    examples.add(example(line, file, number));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": cannot be read: " + e.getMessage(), e);
        }
    }

    private SftExample example(String line, Path file, int number) {
        JsonNode node = json(line, file, number);
        JsonNode response = node.has("response") ? node.get("response") : node.path("completion");
        JsonNode first = response.isArray() ? response.path(0) : response;
        if (!node.path("prompt").isTextual() || !first.isTextual()) {
            throw new IllegalArgumentException(
                    file + ":" + number + ": needs the texts \"prompt\" and \"response\", was " + line);
        }
        int[] prompt =
                tokenizer.encodePrompt(new PromptText.Text(node.get("prompt").textValue()));
        SftExample example = SftExample.of(prompt, tokenizer.encode(first.textValue()), endId);
        if (example.length() > contextLength) {
            throw new IllegalArgumentException(file + ":" + number + ": has " + example.length()
                    + " tokens, the model's context has " + contextLength);
        }
        return example;
    }

    private static JsonNode json(String line, Path file, int number) {
        try {
            return JSON.readTree(line);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(file + ":" + number + ": is no JSON: " + e.getOriginalMessage(), e);
        }
    }
}
