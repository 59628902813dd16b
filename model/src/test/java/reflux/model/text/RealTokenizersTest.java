// SPDX-License-Identifier: Apache-2.0
package reflux.model.text;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/**
 * The tokenizers of Llama 2, Llama 3, Qwen3 and Gemma 3: every byte of 10,000 random texts (seed 4) is covered, by the right
 * token, and ids are those of transformers ({@code tokenizer_golden.py}).
 */
class RealTokenizersTest {
    private static final String NAMES = "reflux.model.text.NpmTokenizers#NAMES";
    private static final Pattern LONE_SURROGATE = Pattern.compile("[\\ud800-\\udfff]");
    private static final List<String> TEXTS = UnicodeTexts.random(4, 10_000);
    private static final Map<String, TextTokenizer> OPEN = new HashMap<>();

    private static JsonNode golden = new ObjectMapper().createObjectNode();

    @TempDir
    private static Path dir;

    @BeforeAll
    static void readGolden() throws IOException {
        golden = new ObjectMapper().readTree(RealTokenizersTest.class.getResource("tokenizer_golden.json"));
    }

    @AfterAll
    static void close() {
        OPEN.values().forEach(TextTokenizer::close);
        OPEN.clear();
    }

    @ParameterizedTest
    @FieldSource(NAMES)
    void randomTexts_haveExactSpans(String name) {
        TextTokenizer tokenizer = tokenizer(name);
        for (String given : TEXTS) {
            String text = LONE_SURROGATE.matcher(given).replaceAll("\ufffd");
            byte[] bytes = text.getBytes(UTF_8);
            TokenizedBytes tokens = tokenizer.tokenize(bytes);
            if (tokens.coveredBytes() != bytes.length) {
                assertThat(tokens.coveredBytes()).as(text).isEqualTo(bytes.length);
            }
            assertThat(tokens.ids()).isEqualTo(TokenIds.of(tokenizer.encode(given)));
            assertExact(tokenizer, name, bytes, tokens);
        }
    }

    private static void assertExact(TextTokenizer tokenizer, String name, byte[] bytes, TokenizedBytes tokens) {
        int[] ends = tokens.ends().toArray();
        byte[] spelled = tokenizer.vocabulary().spellResponse(tokens.ids().toArray());
        int[] spelledEnds = tokenizer.vocabulary().responseEnds(tokens.ids().toArray());
        if (Arrays.equals(spelled, bytes)) {
            assertThat(tokens.ends()).isEqualTo(TokenIds.of(spelledEnds));
            return;
        }
        assertThat(ends).isSorted();
        for (int i = 0; i < ends.length; i++) {
            boolean isLastThere = i + 1 == ends.length || ends[i + 1] > ends[i];
            if (isLastThere && isBorder(bytes, ends[i]) && isBorder(spelled, spelledEnds[i])) {
                String before = new String(bytes, 0, ends[i], UTF_8);
                String said = new String(spelled, 0, spelledEnds[i], UTF_8);
                assertThat(read(name, said)).isEqualTo(read(name, before));
            }
        }
    }

    private static boolean isBorder(byte[] utf8, int at) {
        return at == utf8.length || (utf8[at] & 0xC0) != 0x80;
    }

    /** What the tokenizer reads in a text. Qwen: its decomposed characters, in order of their numbers, since marks are put in order. */
    private static String read(String name, String text) {
        return switch (name) {
            case "qwen3" ->
                Normalizer.normalize(text, Normalizer.Form.NFD)
                        .codePoints()
                        .sorted()
                        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                        .toString();
            case "llama2", "gemma3" -> text.replace(BpeStyle.META_SPACE, " ");
            default -> text;
        };
    }

    @ParameterizedTest
    @FieldSource(NAMES)
    void texts_haveTheIdsOfTransformers(String name) {
        TextTokenizer tokenizer = tokenizer(name);
        for (JsonNode each : golden.path(name).path("texts")) {
            String text = each.path("text").asText();
            assertThat(tokenizer.encode(text)).as(text).isEqualTo(ints(each.path("ids")));
            assertThat(tokenizer.encodePrompt(new PromptText.Text(text)))
                    .as("prompt " + text)
                    .isEqualTo(ints(each.path("prompt")));
        }
    }

    @ParameterizedTest
    @FieldSource(NAMES)
    void conversations_haveTheIdsOfTransformers(String name) {
        TextTokenizer tokenizer = tokenizer(name);
        for (JsonNode each : golden.path(name).path("chats")) {
            List<Message> messages = new ArrayList<>();
            each.path("messages")
                    .forEach(m -> messages.add(new Message(
                            m.path("role").asText(), m.path("content").asText())));
            assertThat(tokenizer.encodePrompt(new PromptText.Messages(messages)))
                    .as(messages.toString())
                    .isEqualTo(ints(each.path("ids")));
        }
    }

    @ParameterizedTest
    @FieldSource(NAMES)
    void specialTokens_areThoseOfTransformers(String name) {
        Vocabulary vocabulary = tokenizer(name).vocabulary();
        JsonNode expected = golden.path(name);

        assertThat(vocabulary.size()).isEqualTo(expected.path("size").asInt());
        assertThat(vocabulary.endIds()).containsExactly(expected.path("end").asInt());
        assertThat(IntStream.range(0, vocabulary.size())
                        .filter(id -> vocabulary.kind(id) != TokenKind.TEXT)
                        .toArray())
                .isEqualTo(ints(expected.path("special")));
    }

    private static int[] ints(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false)
                .mapToInt(JsonNode::asInt)
                .toArray();
    }

    private static TextTokenizer tokenizer(String name) {
        Path source = NpmTokenizers.directory(name);
        return OPEN.computeIfAbsent(name, key -> {
            String template = golden.path(name).path("template").asText();
            return TextTokenizer.load(template.isEmpty() ? source : withTemplate(source, template));
        });
    }

    private static Path withTemplate(Path source, String template) {
        try {
            for (String file : List.of("tokenizer.json", "tokenizer_config.json")) {
                Files.copy(source.resolve(file), dir.resolve(file));
            }
            Files.writeString(dir.resolve("chat_template.jinja"), template);
            return dir;
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
