// SPDX-License-Identifier: Apache-2.0
package reflux.model.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class BpeTrainerTest {
    @TempDir
    Path dir;

    static Stream<BpeTrainer> trainers() {
        return Stream.of(
                BpeTrainer.byteLevel(400),
                BpeTrainer.byteLevel(400).withSplit(BpeTrainer.Split.WORDS),
                BpeTrainer.byteLevel(400).withSplit(BpeTrainer.Split.LINES),
                BpeTrainer.sentencePiece(600),
                BpeTrainer.sentencePiece(600).withSplit(BpeTrainer.Split.LINES));
    }

    @ParameterizedTest
    @MethodSource("trainers")
    void trainedTokenizer_decodesWhatItEncodes(BpeTrainer trainer) {
        try (TextTokenizer tokenizer = TokenizerFixtures.trained(dir, trainer)) {
            for (String text : TokenizerFixtures.english()) {
                assertThat(tokenizer.decode(tokenizer.encode(text))).isEqualTo(text);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("trainers")
    void linesInOtherOrder_giveTheSameFiles(BpeTrainer trainer) throws IOException {
        List<String> lines = new ArrayList<>(TokenizerFixtures.english());
        trainer.train(lines).write(dir.resolve("a"));
        Collections.reverse(lines);
        trainer.train(lines).write(dir.resolve("b"));

        for (String file : List.of("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json")) {
            assertThat(Files.readString(dir.resolve("b").resolve(file)))
                    .isEqualTo(Files.readString(dir.resolve("a").resolve(file)));
        }
    }

    @Test
    void mostFrequentPair_isMergedFirst() {
        TrainedBpe learned =
                BpeTrainer.byteLevel(260).train(Map.of("low", 5L, "lower", 2L, "newest", 6L, "widest", 3L));

        // Sennrich et al. 2016, Algorithm 1 on this text, without end-of-word signs: es 9, est 9, lo 7
        assertThat(learned.pieces().subList(257, 260)).containsExactly("es", "est", "lo");
    }

    @Test
    void textWithFewPairs_givesASmallerVocabulary() {
        assertThat(BpeTrainer.byteLevel(1000).train(List.of("ab ab")).size()).isLessThan(270);
    }

    @Test
    void words_holdOneSpaceAtTheirStartOnly() {
        TrainedBpe learned = BpeTrainer.byteLevel(500)
                .withSplit(BpeTrainer.Split.WORDS)
                .train(Collections.nCopies(50, "HH AH0 L OW1, HH AH0"));

        assertThat(learned.pieces()).contains("\u0120AH0", "\u0120OW1,");
        assertThat(learned.pieces()).noneMatch(piece -> piece.lastIndexOf('\u0120') > 0);
    }

    @Test
    void gpt2Split_keepsLettersAndDigitsApart() {
        TrainedBpe learned = BpeTrainer.byteLevel(500).train(Collections.nCopies(50, "HH AH0 L OW1"));

        assertThat(learned.pieces()).contains("\u0120AH").doesNotContain("\u0120AH0");
    }

    @Test
    void lines_holdSeveralWords() {
        TrainedBpe learned = BpeTrainer.sentencePiece(500)
                .withSplit(BpeTrainer.Split.LINES)
                .train(Collections.nCopies(50, "HH AH0"));

        assertThat(learned.pieces()).contains("\u2581HH\u2581AH0");
    }

    @Test
    void mergeThatSpellsAByteToken_isNotMade() {
        TrainedBpe learned = BpeTrainer.sentencePiece(400).train(Collections.nCopies(50, "<0x0A> </s> <unk>"));

        assertThat(learned.pieces()).doesNotHaveDuplicates();
        assertThat(IntStream.range(259, learned.size()).mapToObj(learned.pieces()::get))
                .doesNotContain("<0x0A>", "</s>", "<unk>");
    }

    @Test
    void vocabularyWithoutRoomForBytes_isRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> BpeTrainer.sentencePiece(100))
                .withMessage("vocabularySize must be >= 259 for SENTENCE_PIECE, was 100");
    }
}
