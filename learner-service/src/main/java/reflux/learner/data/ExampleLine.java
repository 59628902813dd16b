// SPDX-License-Identifier: Apache-2.0
package reflux.learner.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;
import reflux.model.text.Message;
import reflux.model.text.PromptText;

/** Reads one JSON line of a file of prompts; the first key that a line has counts. */
final class ExampleLine {
    private static final ObjectMapper JSON = new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
    private static final List<String> PROMPTS = List.of("prompt", "query", "instruction");
    private static final List<String> RESPONSES = List.of("response", "output", "answer", "completion");
    private static final String ACCEPTED =
            "\"messages\", or \"prompt\" and \"response\" (also " + PROMPTS + " and " + RESPONSES + ")";

    private ExampleLine() {}

    /** Throws JsonProcessingException, or IllegalArgumentException with the reason. */
    static Example parse(String line, String place) throws JsonProcessingException {
        JsonNode node = JSON.readTree(line);
        if (!node.isObject()) {
            throw new IllegalArgumentException("each line must be a JSON object with " + ACCEPTED);
        }
        if (node.has("messages")) {
            return conversation(messages(node.get("messages"), "messages"), place);
        }
        String key = PROMPTS.stream()
                .filter(node::has)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no prompt is there; a line must have " + ACCEPTED));
        return new Example(prompt(node.get(key), key), responses(node), place);
    }

    private static PromptText prompt(JsonNode node, String key) {
        if (node.isTextual() && !node.textValue().isEmpty()) {
            return new PromptText.Text(node.textValue());
        }
        if (node.isArray()) {
            return new PromptText.Messages(messages(node, key));
        }
        throw new IllegalArgumentException("\"" + key + "\" must be a text that is not empty, or a list of messages");
    }

    private static Example conversation(List<Message> messages, String place) {
        Message last = messages.get(messages.size() - 1);
        if (!last.role().equals("assistant")) {
            return new Example(new PromptText.Messages(messages), List.of(), place);
        }
        if (messages.size() == 1) {
            throw new IllegalArgumentException("\"messages\" holds a response but no prompt");
        }
        return new Example(
                new PromptText.Messages(messages.subList(0, messages.size() - 1)),
                last.content().isEmpty() ? List.of() : List.of(last.content()),
                place);
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

    /** Empty texts and null stand for no response. */
    private static List<String> responses(JsonNode node) {
        List<String> texts = new ArrayList<>();
        for (String key : RESPONSES.stream().filter(node::hasNonNull).limit(1).toList()) {
            JsonNode found = node.get(key);
            for (JsonNode one : found.isArray() ? found : List.of(found)) {
                if (!one.isTextual()) {
                    throw new IllegalArgumentException("\"" + key + "\" must be a text or a list of texts");
                }
                texts.add(one.textValue());
            }
        }
        texts.removeIf(String::isEmpty);
        return texts;
    }
}
