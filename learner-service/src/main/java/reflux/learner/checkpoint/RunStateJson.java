// SPDX-License-Identifier: Apache-2.0
package reflux.learner.checkpoint;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.stream.StreamSupport;
import reflux.learner.data.AdaptiveSchedule;
import reflux.learner.data.Cursor;
import reflux.learner.ledger.Admitted;
import reflux.learner.ledger.FedOutcome;
import reflux.learner.ledger.Finish;
import reflux.learner.ledger.LedgerState;
import reflux.learner.ledger.Origin;
import reflux.model.text.Message;
import reflux.model.text.PromptText;
import reflux.model.text.TokenIds;

/** {@link RunState} as JSON. */
final class RunStateJson {
    private static final int FORMAT = 1;
    private static final ObjectMapper JSON = new ObjectMapper()
            .setPropertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .enable(SerializationFeature.INDENT_OUTPUT)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES);

    private RunStateJson() {}

    static void write(Path file, RunState state) throws IOException {
        ObjectNode root = JSON.createObjectNode().put("format", FORMAT).put("step", state.step());
        root.set("cursor", JSON.valueToTree(state.cursor()));
        LedgerState ledger = state.ledger();
        ObjectNode counts = root.putObject("ledger")
                .put("next_sequence", ledger.nextSequence())
                .put("issued", ledger.issued())
                .put("trained", ledger.trained())
                .put("refused", ledger.refused());
        ArrayNode open = counts.putArray("open");
        ledger.open().forEach(admitted -> open.add(admitted(admitted)));
        root.set("totals", JSON.valueToTree(state.totals()));
        root.put("teacher_head", state.teacherHead());
        state.schedule().ifPresent(schedule -> root.set("schedule", JSON.valueToTree(schedule)));
        ArrayNode outcomes = root.putArray("outcomes");
        state.outcomes().forEach(outcome -> outcomes.add(outcome(outcome)));
        root.set("config", state.config());
        JSON.writeValue(file.toFile(), root);
    }

    static RunState read(Path file) throws IOException {
        JsonNode root = JSON.readTree(file.toFile());
        if (root.path("format").asInt() != FORMAT) {
            throw new IllegalArgumentException(
                    file + " is of format " + root.path("format") + ", this build reads format " + FORMAT);
        }
        JsonNode counts = root.get("ledger");
        LedgerState ledger = new LedgerState(
                counts.get("next_sequence").asLong(),
                counts.get("issued").asLong(),
                counts.get("trained").asLong(),
                counts.get("refused").asLong(),
                list(counts.get("open")).stream().map(RunStateJson::admitted).toList());
        return new RunState(
                root.get("step").asLong(),
                JSON.treeToValue(root.get("cursor"), Cursor.class),
                ledger,
                JSON.treeToValue(root.get("totals"), RunTotals.class),
                root.get("teacher_head").asText(),
                root.has("schedule")
                        ? Optional.of(JSON.treeToValue(root.get("schedule"), AdaptiveSchedule.State.class))
                        : Optional.empty(),
                list(root.get("outcomes")).stream().map(RunStateJson::outcome).toList(),
                root.get("config"));
    }

    private static ObjectNode admitted(Admitted admitted) {
        ObjectNode node = JSON.createObjectNode()
                .put("id", admitted.id())
                .put("response", admitted.response())
                .put("origin", admitted.origin().name())
                .put("sequence", admitted.sequence())
                .put("live_version", admitted.liveVersion());
        node.set("prompt", prompt(admitted.prompt()));
        return node;
    }

    private static Admitted admitted(JsonNode node) {
        return new Admitted(
                node.get("id").asText(),
                prompt(node.get("prompt")),
                node.get("response").asText(),
                Origin.valueOf(node.get("origin").asText()),
                node.get("sequence").asLong(),
                node.get("live_version").asLong());
    }

    private static ObjectNode outcome(FedOutcome outcome) {
        return JSON.createObjectNode()
                .put("id", outcome.id())
                .put("step", outcome.step())
                .put(
                        "response",
                        Base64.getEncoder().encodeToString(outcome.response().toByteArray()))
                .put("finish", outcome.finish().name())
                .put("response_tokens", outcome.responseTokens())
                .put("staleness", outcome.staleness())
                .put("kl_per_token", outcome.klPerToken())
                .put("align_ratio", outcome.alignRatio());
    }

    private static FedOutcome outcome(JsonNode node) {
        return new FedOutcome(
                node.get("id").asText(),
                node.get("step").asLong(),
                ByteString.copyFrom(
                        Base64.getDecoder().decode(node.get("response").asText())),
                Finish.valueOf(node.get("finish").asText()),
                node.get("response_tokens").asInt(),
                node.get("staleness").asInt(),
                node.get("kl_per_token").asDouble(),
                node.get("align_ratio").asDouble());
    }

    private static ObjectNode prompt(PromptText prompt) {
        ObjectNode node = JSON.createObjectNode();
        if (prompt instanceof PromptText.Text text) {
            node.put("text", text.text());
        } else if (prompt instanceof PromptText.Messages conversation) {
            ArrayNode messages = node.putArray("messages");
            for (Message message : conversation.messages()) {
                messages.addObject().put("role", message.role()).put("content", message.content());
            }
        } else if (prompt instanceof PromptText.Ids given) {
            ArrayNode ids = node.putArray("ids");
            for (int id : given.ids().toArray()) {
                ids.add(id);
            }
        }
        return node;
    }

    private static PromptText prompt(JsonNode node) {
        if (node.has("text")) {
            return new PromptText.Text(node.get("text").asText());
        } else if (node.has("messages")) {
            return new PromptText.Messages(list(node.get("messages")).stream()
                    .map(message -> new Message(
                            message.get("role").asText(), message.get("content").asText()))
                    .toList());
        }
        int[] ids = list(node.get("ids")).stream().mapToInt(JsonNode::asInt).toArray();
        return new PromptText.Ids(TokenIds.of(ids));
    }

    private static List<JsonNode> list(JsonNode array) {
        return new ArrayList<>(StreamSupport.stream(array.spliterator(), false).toList());
    }
}
