// SPDX-License-Identifier: Apache-2.0
package reflux.model.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What config.json and generation_config.json say about the tokenizer's tokens. */
class ModelTokensTest {
    @TempDir
    Path dir;

    private static final String FOUR_TOKENS = """
            {"version":"1.0","added_tokens":[
              {"id":1,"content":"<a>","special":true,"single_word":false,"lstrip":false,"rstrip":false,"normalized":false},
              {"id":2,"content":"<b>","special":true,"single_word":false,"lstrip":false,"rstrip":false,"normalized":false},
              {"id":3,"content":"<c>","special":true,"single_word":false,"lstrip":false,"rstrip":false,"normalized":false}],
             "normalizer":null,"pre_tokenizer":{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":true},
             "post_processor":null,"decoder":{"type":"ByteLevel","add_prefix_space":true,"trim_offsets":true,"use_regex":true},
             "model":{"type":"BPE","vocab":{"x":0},"merges":[]}}
            """;

    /** As with Llama 3, Qwen and Gemma, whose chats end with another token than their texts. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"eos_token\":\"<c>\"} | {\"eos_token_id\":[2,3]} | 3 | 2 3",
                "{\"eos_token\":\"<c>\"} | {\"eos_token_id\":2} | 3 | 2 3",
                "{} | {\"eos_token_id\":[3,2]} | 3 | 2 3",
                "{} | {} | 1 | 1",
                "{\"eos_token\":\"<b>\"} | {} | 2 | 1 2"
            })
    void endThatIsWritten_isTheTokenizers(String settings, String generation, int written, String all)
            throws IOException {
        Files.writeString(dir.resolve("config.json"), "{\"eos_token_id\":1}");
        Files.writeString(dir.resolve("generation_config.json"), generation);
        try (TextTokenizer tokenizer = TokenizerFixtures.fromJson(dir, FOUR_TOKENS, settings)) {
            Vocabulary vocabulary = tokenizer.vocabulary();
            Vocabulary copy = Vocabulary.of(vocabulary.allBytes(), vocabulary.allEnds(), vocabulary.allKinds());

            assertThat(copy.endId()).isEqualTo(vocabulary.endId()).isEqualTo(written);
            assertThat(copy.endIds())
                    .isEqualTo(vocabulary.endIds())
                    .containsExactlyElementsOf(
                            Arrays.stream(all.split(" ")).map(Integer::valueOf).toList());
            vocabulary.endIds().forEach(id -> assertThat(vocabulary.kind(id)).isEqualTo(TokenKind.END));
            assertThat(copy.fingerprint()).isEqualTo(vocabulary.fingerprint());
        }
    }

    /** {@code rows}: vocab_size of config.json; id 4 is special, 3 is not. */
    @ParameterizedTest
    @CsvSource({"5, 5", "4, 4", "7, 5", "3, 5"})
    void specialTokensWithoutRowInTheModel_areLeftOut(int rows, int size) throws IOException {
        Files.writeString(dir.resolve("config.json"), "{\"vocab_size\":" + rows + "}");
        try (TextTokenizer tokenizer = TokenizerFixtures.fromJson(dir, """
                {"version":"1.0","added_tokens":[
                  {"id":3,"content":"<think>","special":false,"single_word":false,"lstrip":false,"rstrip":false,"normalized":false},
                  {"id":4,"content":"<image>","special":true,"single_word":false,"lstrip":false,"rstrip":false,"normalized":false}],
                 "normalizer":null,"pre_tokenizer":{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":true},
                 "post_processor":null,"decoder":{"type":"ByteLevel","add_prefix_space":true,"trim_offsets":true,"use_regex":true},
                 "model":{"type":"BPE","vocab":{"a":0,"b":1,"c":2},"merges":[]}}
                """, "{}")) {
            assertThat(tokenizer.vocabulary().size()).isEqualTo(size);
        }
    }
}
