// SPDX-License-Identifier: Apache-2.0
package reflux.model.text;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Spans of single texts, worked out by hand, for each way of spelling. */
class TokenSpansTest {
    private static final List<String> WORKED = List.of(
            "Hello world!",
            "utilization of LLMs",
            "a\nb c",
            "caf\u00e9 ok",
            "\u00e9!",
            "\ud83d\ude42.",
            "x   y",
            "a a b",
            "abcd e",
            "na\u00efve caf\u00e9 \ud83d\ude42\n",
            "\u4f60\u597d\uff0c\u4e16\u754c\u3002",
            " leading and trailing ");

    @TempDir
    Path dir;

    @ParameterizedTest
    @MethodSource("reflux.model.text.BpeTrainerTest#trainers")
    void workedTexts_areCoveredExactly(BpeTrainer trainer) {
        try (TextTokenizer tokenizer = TokenizerFixtures.trained(dir, trainer)) {
            for (String text : WORKED) {
                byte[] bytes = text.getBytes(UTF_8);
                TextTokenizerSpansTest.assertExact(tokenizer, bytes, tokenizer.tokenize(bytes));
            }
        }
    }

    private TextTokenizer asciiSentencePiece() {
        BpeTrainer.sentencePiece(300)
                .train(List.of("caf ok", "caf ok. a b a b"))
                .write(dir);
        return TextTokenizer.load(dir);
    }

    private static List<String> pieces(TextTokenizer tokenizer, TokenizedBytes tokens, byte[] text) {
        int[] ends = tokens.ends().toArray();
        return java.util.stream.IntStream.range(0, ends.length)
                .mapToObj(i -> new String(Arrays.copyOfRange(text, i == 0 ? 0 : ends[i - 1], ends[i]), UTF_8))
                .toList();
    }

    @Test
    void dummySpace_isNotCounted() {
        try (TextTokenizer tokenizer = asciiSentencePiece()) {
            byte[] text = "caf ok".getBytes(UTF_8);
            TokenizedBytes tokens = tokenizer.tokenize(text);

            assertThat(pieces(tokenizer, tokens, text)).containsExactly("caf", " ok");
            assertThat(tokens.coveredBytes()).isEqualTo(6);
        }
    }

    @Test
    void emojiWithoutPiece_isFourBytesAfterAnEmptyDummy() {
        try (TextTokenizer tokenizer = asciiSentencePiece()) {
            TokenizedBytes tokens = tokenizer.tokenize("\ud83d\ude42.".getBytes(UTF_8));

            assertThat(tokens.ends().toArray()).containsExactly(0, 1, 2, 3, 4, 5);
        }
    }

    @Test
    void newlineWithoutPiece_isOneByteToken() {
        try (TextTokenizer tokenizer = asciiSentencePiece()) {
            TokenizedBytes tokens = tokenizer.tokenize("a\nb".getBytes(UTF_8));

            assertThat(tokens.ends().toArray()).containsExactly(1, 2, 3);
            assertThat(tokens.ids().get(1)).isEqualTo(3 + '\n');
        }
    }

    @Test
    void leadingSpace_isThereOnceMore() {
        try (TextTokenizer tokenizer = asciiSentencePiece()) {
            TokenizedBytes tokens = tokenizer.tokenize(" a b".getBytes(UTF_8));

            assertThat(tokens.coveredBytes()).isEqualTo(4);
            assertThat(tokens.ends().toArray()).containsExactly(0, 2, 4);
        }
    }

    @Test
    void literalMetaSpace_isCovered() {
        try (TextTokenizer tokenizer = asciiSentencePiece()) {
            TokenizedBytes tokens =
                    tokenizer.tokenize("\u2581a\u2581b b".getBytes(UTF_8)); // E2 96 81 61 E2 96 81 62 20 62

            assertThat(tokenizer.decode(tokens.ids().toArray())).isEqualTo(" a b b");
            assertThat(tokens.coveredBytes()).isEqualTo(10);
            assertThat(tokens.ends().toArray()).isEqualTo(new int[] {0, 4, 8, 10});
        }
    }

    @Test
    void cutCharacter_isCoveredUpToItsStart() {
        byte[] whole = "ok caf\u00e9".getBytes(UTF_8);
        byte[] cut = Arrays.copyOf(whole, whole.length - 1);
        for (BpeTrainer trainer : List.of(BpeTrainer.byteLevel(300), BpeTrainer.sentencePiece(300))) {
            try (TextTokenizer tokenizer = TokenizerFixtures.trained(dir, trainer)) {
                TokenizedBytes tokens = tokenizer.tokenize(cut);

                assertThat(tokens.coveredBytes()).isEqualTo(cut.length - 1);
                assertThat(tokenizer.decode(tokens.ids().toArray())).isEqualTo("ok caf\ufffd");
            }
        }
    }

    @Test
    void invalidBytesInTheMiddle_endTheCover() {
        byte[] bytes = {'o', 'k', (byte) 0xFF, ' ', 'o', 'k'};
        try (TextTokenizer tokenizer = asciiSentencePiece()) {
            TokenizedBytes tokens = tokenizer.tokenize(bytes);

            assertThat(tokens.coveredBytes()).isEqualTo(2);
            assertThat(tokens.ends().toArray()).endsWith(2, 2, 2);
        }
    }

    private TextTokenizer composing() throws IOException {
        BpeTrainer.byteLevel(300).train(TokenizerFixtures.english()).write(dir);
        Path file = dir.resolve("tokenizer.json");
        String json = Files.readString(file);
        Files.writeString(file, json.replace("\"normalizer\" : null", "\"normalizer\" : {\"type\":\"NFC\"}"));
        assertThat(Files.readString(file)).isNotEqualTo(json);
        return TextTokenizer.load(dir);
    }

    @Test
    void decomposedAccent_isTracedBackToItsBytes() throws IOException {
        try (TextTokenizer tokenizer = composing()) {
            byte[] text = "xe\u0301y".getBytes(UTF_8); // 78 | 65 CC 81 | 79, read as 78 | C3 A9 | 79
            TokenizedBytes tokens = tokenizer.tokenize(text);

            assertThat(tokenizer.decode(tokens.ids().toArray())).isEqualTo("x\u00e9y");
            assertThat(tokens.coveredBytes()).isEqualTo(5);
            assertThat(tokens.ends().toArray()).startsWith(1, 4).endsWith(4, 5);
        }
    }

    /** In the text as a whole the name and the mark would compose: U+226F instead of the bracket. */
    @Test
    void markAfterAnAddedToken_staysBehindIt() throws IOException {
        composing().close();
        Path file = dir.resolve("tokenizer.json");
        String added =
                "\"added_tokens\" : [ {\"id\":300,\"content\":\"<think>\",\"special\":false,\"single_word\":false,"
                        + "\"lstrip\":false,\"rstrip\":false,\"normalized\":false}, ";
        Files.writeString(file, Files.readString(file).replace("\"added_tokens\" : [ ", added));
        try (TextTokenizer tokenizer = TextTokenizer.load(dir)) {
            byte[] text = "<think>\u0338e\u0301".getBytes(UTF_8);
            TokenizedBytes tokens = tokenizer.tokenize(text);

            assertThat(tokens.ids().get(0)).isEqualTo(300);
            assertThat(tokens.ends().toArray()).startsWith(7, 8, 9).endsWith(12);
            assertThat(tokens.coveredBytes()).isEqualTo(12);
        }
    }

    @Test
    void randomTextsUnderComposition_areCovered() throws IOException {
        try (TextTokenizer tokenizer = composing()) {
            for (String text : TokenizerFixtures.randomTexts(11, 3000)) {
                byte[] bytes = text.getBytes(UTF_8);
                TokenizedBytes tokens = tokenizer.tokenize(bytes);
                assertThat(tokens.coveredBytes()).isEqualTo(bytes.length);
                assertThat(tokens.ends().toArray()).isSorted();
                assertBordersKeepTheText(tokenizer, bytes, tokens);
            }
        }
    }

    /** At each border between characters, what stands before it composes to what the tokens before it spell. */
    private static void assertBordersKeepTheText(TextTokenizer tokenizer, byte[] bytes, TokenizedBytes tokens) {
        int[] ids = tokens.ids().toArray();
        for (int i = 0; i < ids.length; i++) {
            int end = tokens.ends().get(i);
            boolean last = i + 1 == ids.length || tokens.ends().get(i + 1) > end;
            if (last && (end == bytes.length || (bytes[end] & 0xC0) != 0x80)) {
                String before = TokenizerFixtures.nfc(new String(bytes, 0, end, UTF_8));
                assertThat(tokenizer.decode(Arrays.copyOf(ids, i + 1))).isEqualTo(before);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"Whitespace", "WhitespaceSplit"})
    void words_coverTheSpaceBeforeThem(String preTokenizer) {
        try (TextTokenizer tokenizer = TokenizerFixtures.fromJson(
                dir, """
                {"version":"1.0","added_tokens":[
                  {"id":0,"content":"[UNK]","special":true,"single_word":false,"lstrip":false,"rstrip":false,"normalized":false},
                  {"id":1,"content":"[END]","special":true,"single_word":false,"lstrip":false,"rstrip":false,"normalized":false}],
                 "normalizer":null,"pre_tokenizer":{"type":"%s"},"post_processor":null,"decoder":null,
                 "model":{"type":"WordLevel","vocab":{"[UNK]":0,"[END]":1,"HH":2,"AH0":3,"L":4,"OW1":5,"\u00c9":6},"unk_token":"[UNK]"}}
                """.formatted(preTokenizer), "{\"eos_token\":\"[END]\",\"unk_token\":\"[UNK]\"}")) {
            assertThat(tokenizer.vocabulary().endId()).isEqualTo(1);
            TokenizedBytes tokens = tokenizer.tokenize("HH AH0  \u00c9 L OW1".getBytes(UTF_8));
            assertThat(tokens.ids().toArray()).containsExactly(2, 3, 6, 4, 5);
            assertThat(tokens.ends().toArray()).containsExactly(2, 6, 10, 12, 16);
            assertThat(tokens.coveredBytes()).isEqualTo(16);
            assertThat(tokenizer.decode(new int[] {2, 3, 1})).isEqualTo("HH AH0");

            TokenizedBytes unknown = tokenizer.tokenize("HH ZZ L".getBytes(UTF_8));
            assertThat(unknown.ids().toArray()).containsExactly(2, 0, 4);
            assertThat(unknown.coveredBytes()).isEqualTo(2);
            assertThat(unknown.ends().toArray()).containsExactly(2, 2, 2);
        }
    }

    @Test
    void characters_spellThemselves() {
        try (TextTokenizer tokenizer = TokenizerFixtures.fromJson(dir, """
                {"version":"1.0","added_tokens":[
                  {"id":4,"content":"</s>","special":true,"single_word":false,"lstrip":false,"rstrip":false,"normalized":false}],
                 "normalizer":null,
                 "pre_tokenizer":{"type":"Split","pattern":{"Regex":"."},"behavior":"Isolated","invert":false},
                 "post_processor":null,"decoder":null,
                 "model":{"type":"WordLevel","vocab":{"?":0,"a":1," ":2,"\u00e9":3,"</s>":4},"unk_token":"?"}}
                """, "{\"eos_token\":\"</s>\"}")) {
            byte[] text = "a \u00e9\u00e9 a".getBytes(UTF_8);
            TokenizedBytes tokens = tokenizer.tokenize(text);

            assertThat(tokens.ids().toArray()).containsExactly(1, 2, 3, 3, 2, 1);
            assertThat(tokens.ends().toArray()).containsExactly(1, 2, 4, 6, 7, 8);
            assertThat(tokens.coveredBytes()).isEqualTo(8);
            assertThat(tokenizer.tokenize("a!a".getBytes(UTF_8)).coveredBytes()).isEqualTo(1);
            assertThat(tokenizer.decode(new int[] {1, 2, 3, 4})).isEqualTo("a \u00e9");
        }
    }

    @Test
    void addedTokensBeyondTheModel_haveIdsAndBytes() {
        try (TextTokenizer tokenizer =
                TokenizerFixtures.fromJson(dir, """
                {"version":"1.0","added_tokens":[
                  {"id":3,"content":"<|begin|>","special":true,"single_word":false,"lstrip":false,"rstrip":false,"normalized":false},
                  {"id":4,"content":"<think> \u00e9","special":false,"single_word":false,"lstrip":false,"rstrip":false,"normalized":false},
                  {"id":5,"content":"<|end|>","special":true,"single_word":false,"lstrip":false,"rstrip":false,"normalized":false}],
                 "normalizer":null,"pre_tokenizer":{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":true},
                 "post_processor":null,"decoder":{"type":"ByteLevel","add_prefix_space":true,"trim_offsets":true,"use_regex":true},
                 "model":{"type":"BPE","vocab":{"a":0,"\u0120":1,"\u0120a":2},"merges":["\u0120 a"]}}
                """, "{\"eos_token\":{\"content\":\"<|end|>\"}}")) {
            Vocabulary vocabulary = tokenizer.vocabulary();
            assertThat(vocabulary.size()).isEqualTo(6);
            assertThat(vocabulary.endIds()).containsExactly(5);
            assertThat(vocabulary.kind(3)).isEqualTo(TokenKind.CONTROL);
            TokenizedBytes tokens = tokenizer.tokenize("a a<think> \u00e9a".getBytes(UTF_8));
            assertThat(tokens.ids().toArray()).containsExactly(0, 2, 4, 0);
            assertThat(tokens.ends().toArray()).containsExactly(1, 3, 13, 14);
        }
    }
}
