// SPDX-License-Identifier: Apache-2.0
package reflux.model.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PhraseMergesTest {
    private static final List<String> LINES =
            List.of(" AH0 N AH0 N", " AH0 N S T", " S T AH0", " AH0 N S", " T AH0 N", " S T AH0 N");

    @Test
    void phrases_joinWordsOnlyAfterAllWordsAreWhole(@TempDir Path dir) {
        BpeTrainer.byteLevel(257 + 8).withPhrases(2).train(LINES).write(dir);

        try (TextTokenizer tokenizer = TextTokenizer.load(dir)) {
            assertThat(pieces(tokenizer, " AH0 N")).containsExactly(" AH0 N");
            assertThat(pieces(tokenizer, " AH0 S")).containsExactly(" AH0", " S");
            assertThat(pieces(tokenizer, " S T")).containsExactly(" S T");
        }
    }

    @Test
    void noPhrases_aTokenHasNoInnerSpace(@TempDir Path dir) {
        BpeTrainer.byteLevel(257 + 8)
                .withSplit(BpeTrainer.Split.WORDS)
                .train(LINES)
                .write(dir);

        try (TextTokenizer tokenizer = TextTokenizer.load(dir)) {
            assertThat(pieces(tokenizer, " AH0 N S T")).containsExactly(" AH0", " N", " S", " T");
        }
    }

    @Test
    void negativePhrases_areRefused() {
        assertThatThrownBy(() -> BpeTrainer.byteLevel(300).withPhrases(-1))
                .hasMessageContaining("phrases must be >= 0");
    }

    private static List<String> pieces(TextTokenizer tokenizer, String text) {
        return java.util.Arrays.stream(tokenizer.encode(text))
                .mapToObj(id -> new String(tokenizer.vocabulary().bytes(id), java.nio.charset.StandardCharsets.UTF_8))
                .toList();
    }
}
