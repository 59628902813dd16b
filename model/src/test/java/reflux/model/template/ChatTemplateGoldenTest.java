// SPDX-License-Identifier: Apache-2.0
package reflux.model.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What transformers renders of real templates (chat_template_golden.py), character for character. */
class ChatTemplateGoldenTest {
    private static final JsonNode GOLDEN = golden();

    /** The committed file, or another one that the system property {@code reflux.chatTemplates} names. */
    private static JsonNode golden() {
        String other = System.getProperty("reflux.chatTemplates", "");
        try (InputStream in = other.isEmpty()
                ? Objects.requireNonNull(ChatTemplateGoldenTest.class.getResourceAsStream("chat_templates.json"))
                : Files.newInputStream(Path.of(other))) {
            return new ObjectMapper().readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Stream<String> names() {
        return GOLDEN.path("templates").properties().stream().map(Map.Entry::getKey);
    }

    @ParameterizedTest
    @MethodSource("names")
    void everyConversation_isRenderedAsByTransformers(String name) {
        Clock clock =
                Clock.fixed(LocalDateTime.parse(GOLDEN.path("now").asText()).toInstant(ZoneOffset.UTC), ZoneOffset.UTC);
        ChatTemplate template =
                ChatTemplate.parse(GOLDEN.path("templates").path(name).asText(), Bounds.DEFAULT, clock);
        Map<String, String> tokens = new TreeMap<>();
        GOLDEN.path("tokens")
                .properties()
                .forEach(e -> tokens.put(e.getKey(), e.getValue().asText()));

        for (Map.Entry<String, JsonNode> given : GOLDEN.path("cases").properties()) {
            JsonNode expected = GOLDEN.path("expected").path(name).path(given.getKey());
            ObjectNode conversation = new ObjectMapper().createObjectNode();
            conversation.putNull("tools").putNull("documents").put("add_generation_prompt", true);
            conversation.setAll((ObjectNode) given.getValue());
            if (expected.has("error")) {
                assertThatThrownBy(() -> template.render(conversation, tokens))
                        .as(given.getKey())
                        .isInstanceOf(TemplateException.class);
            } else {
                Rendered rendered = template.render(conversation, tokens);
                assertThat(rendered.text())
                        .as(given.getKey())
                        .isEqualTo(expected.path("text").asText());
                assertThat(rendered.generated()).as(given.getKey()).isEqualTo(ranges(expected.path("generated")));
            }
        }
    }

    private static List<Rendered.Range> ranges(JsonNode node) {
        List<Rendered.Range> ranges = new ArrayList<>();
        node.forEach(range -> ranges.add(
                new Rendered.Range(range.path(0).asInt(), range.path(1).asInt())));
        return ranges;
    }
}
