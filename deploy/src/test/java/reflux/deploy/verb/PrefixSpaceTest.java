// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.verb;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reflux.model.text.BpeTrainer;
import reflux.model.text.TextTokenizer;
import reflux.model.text.TokenizedBytes;

class PrefixSpaceTest {
    private static final List<String> LINES = List.of(" ab abc", " ab c", " abc ab");

    @TempDir
    private Path directory;

    @Test
    void firstWord_isSpelledAsAnyOther() throws IOException {
        for (BpeTrainer trainer : List.of(BpeTrainer.byteLevel(262), BpeTrainer.sentencePiece(268))) {
            trainer.withSplit(BpeTrainer.Split.WORDS).train(LINES).write(directory);
            PrefixSpace.add(directory);

            try (TextTokenizer tokenizer = TextTokenizer.load(directory)) {
                int[] bare = tokenizer.encode("ab ab");
                assertThat(bare[0]).isEqualTo(bare[bare.length / 2]);
                assertThat(tokenizer.encode(" ab ab")).isEqualTo(bare);
                assertThat(tokenizer.decode(bare)).isEqualTo("ab ab");
                assertThat(covered(tokenizer, "ab ab")).isEqualTo(5);
                assertThat(covered(tokenizer, " ab ab")).isEqualTo(6);
            }
        }
    }

    @Test
    void frequentFirst_renumbersAndSplitsAsBefore() throws IOException {
        BpeTrainer.byteLevel(262).withSplit(BpeTrainer.Split.WORDS).train(LINES).write(directory);
        List<String> before = pieces("ab abc xyz");
        TokenOrder.byFrequency(directory, LINES);

        assertThat(pieces("ab abc xyz")).isEqualTo(before);
        try (TextTokenizer tokenizer = TextTokenizer.load(directory)) {
            assertThat(tokenizer.vocabulary().endId()).isZero();
            assertThat(tokenizer.encode(" ab")).containsExactly(1);
        }
    }

    private List<String> pieces(String text) {
        try (TextTokenizer tokenizer = TextTokenizer.load(directory)) {
            return java.util.Arrays.stream(tokenizer.encode(text))
                    .mapToObj(id -> new String(tokenizer.vocabulary().bytes(id), StandardCharsets.UTF_8))
                    .toList();
        }
    }

    private static int covered(TextTokenizer tokenizer, String text) {
        TokenizedBytes tokenized = tokenizer.tokenize(text.getBytes(StandardCharsets.UTF_8));
        return tokenized.coveredBytes();
    }
}
