// SPDX-License-Identifier: Apache-2.0
package reflux.generator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reflux.generator.sampling.FinishKind;
import reflux.generator.sampling.Response;
import reflux.model.text.BpeTrainer;
import reflux.model.text.PromptText;
import reflux.model.text.TextTokenizer;

/** Given texts in the tokens of tokenizers that do not simply spell bytes. */
class GivenResponsesTest {
    private static final PromptText PROMPT = new PromptText.Text("hello");

    /** Whole words; white space has no tokens of its own. */
    private static final String WORDS = """
            {"version":"1.0","truncation":null,"padding":null,"normalizer":null,"post_processor":null,"decoder":null,
             "added_tokens":[%s],"pre_tokenizer":{"type":"WhitespaceSplit"},
             "model":{"type":"WordLevel","vocab":{"?":0,"</s>":1,"hello":2,"HH":3,"AH0":4},"unk_token":"?"}}
            """;

    private static final String END = """
            {"id":1,"content":"</s>","single_word":false,"lstrip":false,"rstrip":false,"normalized":false,"special":true}\
            """;

    @TempDir
    Path dir;

    @Test
    void tokenizerWithALeadingSpace_spellsTheTextWithoutIt() {
        BpeTrainer.sentencePiece(300).train(List.of("hello world", "well held")).write(dir);
        try (TextTokenizer tokenizer = TextTokenizer.load(dir)) {
            Response response = new GivenResponses(tokenizer, 64).read(PROMPT, "held well", false, 60);

            assertThat(response.finish()).isEqualTo(FinishKind.END_TOKEN);
            assertThat(StandardCharsets.UTF_8.decode(response.bytes()).toString())
                    .isEqualTo("held well");
            assertThat(response.ids().get(response.ids().size() - 1))
                    .isEqualTo(tokenizer.vocabulary().endId());
        }
    }

    @Test
    void textWithoutTokens_isRefused() throws IOException {
        try (TextTokenizer tokenizer = words(END, "{\"eos_token\":\"</s>\"}")) {
            GivenResponses given = new GivenResponses(tokenizer, 64);

            assertThat(given.read(PROMPT, "HH AH0", false, 60).ids().toArray()).containsExactly(3, 4, 1);
            assertThatThrownBy(() -> given.read(PROMPT, "   ", false, 60))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("no token");
        }
    }

    @Test
    void wordThatTheStudentCannotSay_isRefused() throws IOException {
        try (TextTokenizer tokenizer = words(END, "{\"eos_token\":\"</s>\"}")) {
            assertThatThrownBy(() -> new GivenResponses(tokenizer, 64).read(PROMPT, "HH ZH", false, 60))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("number 1 would be id 0");
        }
    }

    @Test
    void tokenizerWithoutAnEnd_refusesWhatWouldEnd() throws IOException {
        try (TextTokenizer tokenizer = words("", "{}")) {
            GivenResponses given = new GivenResponses(tokenizer, 64);

            assertThat(given.read(PROMPT, "HH AH0", false, 2).finish()).isEqualTo(FinishKind.LENGTH);
            assertThatThrownBy(() -> given.read(PROMPT, "HH AH0", false, 3))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("no end-of-sequence token");
        }
    }

    @Test
    void text_isReadToTheLastByte() {
        String text = "é漢😀\0";

        assertThat(GivenResponses.text(ByteString.copyFromUtf8(text))).isEqualTo(text);
        assertThat(GivenResponses.text(ByteString.EMPTY)).isEmpty();
        assertThatThrownBy(() -> GivenResponses.text(ByteString.copyFrom(new byte[] {'a', (byte) 0xE6, (byte) 0xBC})))
                .hasMessageContaining("is not at byte 1");
    }

    private TextTokenizer words(String added, String config) throws IOException {
        Files.writeString(dir.resolve("tokenizer.json"), WORDS.formatted(added));
        Files.writeString(dir.resolve("tokenizer_config.json"), config);
        return TextTokenizer.load(dir);
    }
}
