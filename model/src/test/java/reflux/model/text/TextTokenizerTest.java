// SPDX-License-Identifier: Apache-2.0
package reflux.model.text;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class TextTokenizerTest {
    private static final String TRAINERS = "reflux.model.text.BpeTrainerTest#trainers";

    @TempDir
    Path dir;

    @ParameterizedTest
    @MethodSource(TRAINERS)
    void longText_isNotTruncated(BpeTrainer trainer) {
        try (TextTokenizer tokenizer = TokenizerFixtures.trained(dir, trainer)) {
            String text = "zq xj! ".repeat(700);

            assertThat(tokenizer.encode(text)).hasSizeGreaterThan(600);
            assertThat(tokenizer.decode(tokenizer.encode(text))).isEqualTo(text);
        }
    }

    @ParameterizedTest
    @MethodSource(TRAINERS)
    void emptyText_hasNoTokens(BpeTrainer trainer) {
        try (TextTokenizer tokenizer = TokenizerFixtures.trained(dir, trainer)) {
            assertThat(tokenizer.encode("")).isEmpty();
            assertThat(tokenizer.tokenize(new byte[0])).isEqualTo(new TokenizedBytes(TokenIds.of(), TokenIds.of(), 0));
            assertThat(tokenizer.decode(new int[0])).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource(TRAINERS)
    void namesOfSpecialTokens_arePlainText(BpeTrainer trainer) {
        try (TextTokenizer tokenizer = TokenizerFixtures.trained(dir, trainer)) {
            String text = "<|endoftext|> <s></s><unk> <|endoftext|>";
            int[] ids = tokenizer.encode(text);

            assertThat(IntStream.of(ids).mapToObj(tokenizer.vocabulary()::kind)).containsOnly(TokenKind.TEXT);
            assertThat(tokenizer.decode(ids)).isEqualTo(text);
            TextTokenizerSpansTest.assertExact(
                    tokenizer, text.getBytes(UTF_8), tokenizer.tokenize(text.getBytes(UTF_8)));
        }
    }

    @ParameterizedTest
    @MethodSource(TRAINERS)
    void loneSurrogates_countAsReplacementCharacters(BpeTrainer trainer) {
        try (TextTokenizer tokenizer = TokenizerFixtures.trained(dir, trainer)) {
            assertThat(tokenizer.encode("a\ud83db\ude42")).isEqualTo(tokenizer.encode("a\ufffdb\ufffd"));
        }
    }

    @ParameterizedTest
    @MethodSource(TRAINERS)
    void nulAndControls_areText(BpeTrainer trainer) {
        try (TextTokenizer tokenizer = TokenizerFixtures.trained(dir, trainer)) {
            byte[] bytes = "a\0b\r\n\u007f".getBytes(UTF_8);
            TextTokenizerSpansTest.assertExact(tokenizer, bytes, tokenizer.tokenize(bytes));
        }
    }

    @ParameterizedTest
    @MethodSource(TRAINERS)
    void manyThreads_seeTheSameTokens(BpeTrainer trainer) {
        try (TextTokenizer tokenizer = TokenizerFixtures.trained(dir, trainer)) {
            List<String> texts = TokenizerFixtures.randomTexts(17, 400);
            List<TokenIds> alone =
                    texts.stream().map(t -> TokenIds.of(tokenizer.encode(t))).toList();

            List<TokenIds> together = texts.parallelStream()
                    .map(t -> TokenIds.of(tokenizer.encode(t)))
                    .toList();

            assertThat(together).isEqualTo(alone);
        }
    }

    @Test
    void endAndControlTokens_spellNothing() {
        try (TextTokenizer tokenizer = TokenizerFixtures.trained(dir, BpeTrainer.sentencePiece(600))) {
            Vocabulary vocabulary = tokenizer.vocabulary();
            assertThat(vocabulary.endIds()).containsExactly(2);
            assertThat(vocabulary.kind(0)).isEqualTo(TokenKind.CONTROL);
            assertThat(vocabulary.kind(1)).isEqualTo(TokenKind.CONTROL);
            assertThat(vocabulary.bytes(3 + 0xF0)).containsExactly((byte) 0xF0);
            int[] hello = tokenizer.encode("Hello");
            int[] ended = IntStream.concat(IntStream.of(1), IntStream.concat(IntStream.of(hello), IntStream.of(2)))
                    .toArray();
            assertThat(tokenizer.decode(ended)).isEqualTo("Hello");
            assertThat(new String(vocabulary.spell(ended), UTF_8)).isEqualTo(" Hello");
        }
    }

    @Test
    void prompts_areEncodedAsTheyStand() {
        try (TextTokenizer tokenizer = TokenizerFixtures.trained(dir, BpeTrainer.byteLevel(300))) {
            int[] hello = tokenizer.encode("hello");
            assertThat(tokenizer.encodePrompt(new PromptText.Text("hello"))).isEqualTo(hello);
            assertThat(tokenizer.encodePrompt(new PromptText.Messages(List.of(new Message("user", "hello")))))
                    .isEqualTo(hello);
            assertThat(tokenizer.encodePrompt(new PromptText.Ids(TokenIds.of(299, 0))))
                    .containsExactly(299, 0);
            assertThat(tokenizer.chatTemplateFingerprint()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"""
                {"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"<b>","type_id":0}},{"Sequence":{"id":"A","type_id":0}},
                 {"SpecialToken":{"id":"<e>","type_id":0}}],"pair":[],
                 "special_tokens":{"<b>":{"id":"<b>","ids":[7],"tokens":["<b>"]},"<e>":{"id":"<e>","ids":[8],"tokens":["<e>"]}}}""", """
                {"type":"Sequence","processors":[{"type":"ByteLevel","add_prefix_space":true,"trim_offsets":false,"use_regex":true},
                 {"type":"RobertaProcessing","sep":["<e>",8],"cls":["<b>",7],"trim_offsets":true,"add_prefix_space":false}]}"""})
    void beginToken_isPutBeforePromptsThatAreText(String postProcessor) throws IOException {
        BpeTrainer.byteLevel(300).train(TokenizerFixtures.english()).write(dir);
        Path file = dir.resolve("tokenizer.json");
        String json = Files.readString(file);
        Files.writeString(file, json.replace("\"post_processor\" : null", "\"post_processor\" : " + postProcessor));
        assertThat(Files.readString(file)).isNotEqualTo(json);
        try (TextTokenizer tokenizer = TextTokenizer.load(dir)) {
            int[] hello = tokenizer.encode("hello");
            int[] begun = IntStream.concat(IntStream.of(7), IntStream.of(hello)).toArray();

            assertThat(hello).doesNotContain(7, 8);
            assertThat(tokenizer.encodePrompt(new PromptText.Text("hello"))).isEqualTo(begun);
            assertThat(tokenizer.encodePrompt(new PromptText.Messages(List.of(new Message("user", "hello")))))
                    .isEqualTo(begun);
            assertThat(tokenizer.encodePrompt(new PromptText.Ids(TokenIds.of(9))))
                    .containsExactly(9);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 300, Integer.MAX_VALUE})
    void promptIdOutsideTheVocabulary_isRefused(int id) {
        try (TextTokenizer tokenizer = TokenizerFixtures.trained(dir, BpeTrainer.byteLevel(300))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> tokenizer.encodePrompt(new PromptText.Ids(TokenIds.of(5, id))))
                    .withMessage("a prompt's token id must be in [0, 300), was " + id);
        }
    }

    @Test
    void conversationWithoutTemplate_isRefused() {
        try (TextTokenizer tokenizer = TokenizerFixtures.trained(dir, BpeTrainer.byteLevel(300))) {
            List<Message> two = List.of(new Message("system", "be brief"), new Message("user", "hello"));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> tokenizer.encodePrompt(new PromptText.Messages(two)))
                    .withMessage("the model has no chat template, so only a single message of role user can be rendered"
                            + " (as its content); send the prompt as text or as ids");
        }
    }

    @Test
    void conversationWithTemplate_isRendered() throws IOException {
        BpeTrainer.byteLevel(300).train(TokenizerFixtures.english()).write(dir);
        Files.writeString(dir.resolve("chat_template.jinja"), "{{ messages[0].content }}");
        try (TextTokenizer tokenizer = TextTokenizer.load(dir)) {
            List<Message> one = List.of(new Message("user", "hello"));
            assertThat(tokenizer.encodePrompt(new PromptText.Messages(one))).isEqualTo(tokenizer.encode("hello"));
            // printf '%s' '{{ messages[0].content }}' | sha256sum
            assertThat(tokenizer.chatTemplateFingerprint())
                    .isEqualTo("21b1d9c74a217211f93d54eca585c322017b9008d86619712ec946b10cf156f1");
        }
    }

    @Test
    void directoryWithoutTokenizer_isRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TextTokenizer.load(dir))
                .withMessageStartingWith(dir + " has no tokenizer.json. ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{",
                "{}",
                "{\"model\":{\"type\":\"WordPiece\"}}",
                "{\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":-1}}}"
            })
    void unsoundTokenizer_isRefusedByName(String json) throws IOException {
        Files.writeString(dir.resolve("tokenizer.json"), json);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> TextTokenizer.load(dir))
                .withMessageContaining(dir.resolve("tokenizer.json").toString());
    }

    @Test
    void fingerprint_isThatOfTheTable() {
        BpeTrainer.byteLevel(300).train(TokenizerFixtures.english()).write(dir.resolve("a"));
        BpeTrainer.byteLevel(301).train(TokenizerFixtures.english()).write(dir.resolve("b"));
        try (TextTokenizer a = TextTokenizer.load(dir.resolve("a"));
                TextTokenizer b = TextTokenizer.load(dir.resolve("b"))) {
            Vocabulary table = a.vocabulary();
            Vocabulary copy = Vocabulary.of(table.allBytes(), table.allEnds(), table.allKinds());
            assertThat(copy.fingerprint()).isEqualTo(table.fingerprint()).hasSize(64);
            assertThat(b.vocabulary().fingerprint()).isNotEqualTo(table.fingerprint());
        }
    }

    @Test
    void oneMebibyteWithoutASpace_isTokenized() {
        try (TextTokenizer tokenizer = TokenizerFixtures.trained(dir, BpeTrainer.byteLevel(300))) {
            byte[] bytes = String.join("", Collections.nCopies(1 << 18, "abcd")).getBytes(UTF_8);

            assertThat(tokenizer.tokenize(bytes).coveredBytes()).isEqualTo(1 << 20);
        }
    }
}
