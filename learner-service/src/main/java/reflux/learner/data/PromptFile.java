// SPDX-License-Identifier: Apache-2.0
package reflux.learner.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import reflux.model.text.Message;
import reflux.model.text.PromptText;

/**
 * Reads JSON lines of prompts: {@code {"prompt": text or messages, "response": text or texts}} or {@code {"messages": [...]}},
 * whose last message is the response if it is the assistant's. Files that end in {@code .gz} are unpacked. A line that cannot
 * be used ends the reading with an IllegalArgumentException that names file and line. Blocks: not for an event loop.
 */
public final class PromptFile {
    private static final ObjectMapper JSON = new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private PromptFile() {}

    public static List<Example> readAll(List<Path> files) {
        List<Example> examples = new ArrayList<>();
        for (Path file : files) {
            read(file, examples);
        }
        return examples;
    }

    private static void read(Path file, List<Example> into) {
        if (!Files.isRegularFile(file)) {
            throw new IllegalArgumentException("train_data names " + file + ", which is not a file");
        }
        int lineNumber = 0;
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(open(file), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                lineNumber++;
                if (!line.isBlank()) {
                    into.add(parse(line));
                }
            }
        } catch (JsonProcessingException | IllegalArgumentException e) {
            String fact = e instanceof JsonProcessingException json
                    ? "not JSON, " + json.getOriginalMessage()
                    : e.getMessage();
            throw new IllegalArgumentException(file + ":" + lineNumber + ": " + fact, e);
        } catch (IOException e) {
            throw new UncheckedIOException(file + ":" + (lineNumber + 1) + ": cannot be read", e);
        }
    }

    private static InputStream open(Path file) throws IOException {
        InputStream raw = Files.newInputStream(file);
        if (!file.toString().endsWith(".gz")) {
            return raw;
        }
        try {
            return new GZIPInputStream(raw, 1 << 16);
        } catch (IOException e) {
            raw.close();
            throw e;
        }
    }

    private static Example parse(String line) throws JsonProcessingException {
        JsonNode node = JSON.readTree(line);
        if (!node.isObject()) {
            throw new IllegalArgumentException("each line must be a JSON object with \"prompt\" or \"messages\"");
        }
        if (node.has("messages")) {
            return conversation(messages(node.get("messages"), "messages"));
        }
        if (!node.has("prompt")) {
            throw new IllegalArgumentException("neither \"prompt\" nor \"messages\" is there");
        }
        JsonNode prompt = node.get("prompt");
        if (prompt.isTextual() && !prompt.textValue().isEmpty()) {
            return new Example(new PromptText.Text(prompt.textValue()), response(node));
        }
        if (prompt.isArray()) {
            return new Example(new PromptText.Messages(messages(prompt, "prompt")), response(node));
        }
        throw new IllegalArgumentException("\"prompt\" must be a text that is not empty, or a list of messages");
    }

    private static Example conversation(List<Message> messages) {
        Message last = messages.get(messages.size() - 1);
        if (!last.role().equals("assistant")) {
            return new Example(new PromptText.Messages(messages), "");
        }
        if (messages.size() == 1) {
            throw new IllegalArgumentException("\"messages\" holds a response but no prompt");
        }
        return new Example(new PromptText.Messages(messages.subList(0, messages.size() - 1)), last.content());
    }

    private static List<Message> messages(JsonNode list, String key) {
        if (!list.isArray() || list.isEmpty()) {
            throw new IllegalArgumentException("\"" + key + "\" must be a list of messages that is not empty");
        }
        List<Message> messages = new ArrayList<>(list.size());
        for (JsonNode message : list) {
            if (!message.path("role").isTextual() || !message.path("content").isTextual()) {
                throw new IllegalArgumentException(
                        "each of \"" + key + "\" must have \"role\" and \"content\" as texts");
            }
            messages.add(new Message(
                    message.get("role").textValue(), message.get("content").textValue()));
        }
        return messages;
    }

    /** Of several references the first. */
    private static String response(JsonNode node) {
        JsonNode response = node.path("response");
        if (response.isMissingNode() || response.isNull()) {
            return "";
        }
        JsonNode first = response.isArray() && !response.isEmpty() ? response.get(0) : response;
        if (!first.isTextual()) {
            throw new IllegalArgumentException("\"response\" must be a text or a list of texts");
        }
        return first.textValue();
    }
}
