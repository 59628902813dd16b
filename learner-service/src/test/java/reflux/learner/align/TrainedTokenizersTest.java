// SPDX-License-Identifier: Apache-2.0
package reflux.learner.align;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reflux.model.text.BpeTrainer;
import reflux.model.text.TextTokenizer;
import reflux.model.text.TokenizedBytes;

/**
 * Two real tokenizers trained on the same words: a SentencePiece teacher with dummy prefix and byte fallback, a byte-level
 * student. Random texts of those words with newlines, accents, Chinese and emoji (seed 5), whole and cut anywhere.
 */
class TrainedTokenizersTest {
    private static final String[] WORDS = {
        "the", "reflux", "column", "distils", "naïve", "café", "été", "你好", "世界", "🙂", "ok", "tokens", "a", "\n",
        "x  y"
    };

    @TempDir
    static Path directory;

    private static TextTokenizer teacher;
    private static TextTokenizer student;

    @BeforeAll
    static void train() {
        Random random = new Random(5);
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            lines.add(text(random, 12).replace("🙂", "").replace("\n", " "));
        }
        BpeTrainer.sentencePiece(420).train(lines).write(directory.resolve("teacher"));
        BpeTrainer.byteLevel(330).train(lines).write(directory.resolve("student"));
        teacher = TextTokenizer.load(directory.resolve("teacher"));
        student = TextTokenizer.load(directory.resolve("student"));
    }

    @AfterAll
    static void close() {
        teacher.close();
        student.close();
    }

    @Test
    void wholeTexts_shareEveryCommonBoundary() {
        Random random = new Random(50);
        AlignmentStats stats = AlignmentStats.NONE;
        for (int i = 0; i < 100; i++) {
            int[] ids = student.encode(text(random, 20));

            Alignment alignment = align(ids);

            assertThat(alignment.groups().stream().map(TokenGroup::endByte))
                    .containsExactlyElementsOf(sharedBoundaries(ids));
            assertThat(alignment.studentLeftover().size()).isZero();
            stats = stats.plus(alignment.stats());
        }
        assertThat(stats.mismatches()).isZero();
        assertThat(stats.exactPairRatio()).isGreaterThan(0.3);
        assertThat(stats.samples()).isEqualTo(100);
    }

    @Test
    void sampledSentencePieceTokens_endWithTheResponseAndAlignWithBothTokenizers() {
        Random random = new Random(52);
        for (int i = 0; i < 100; i++) {
            int[] ids = teacher.encode(text(random, 20));
            byte[] response = teacher.vocabulary().spellResponse(ids);

            TokenSpans sampled = TokenSpans.sampled(teacher.vocabulary(), ids);

            assertThat(teacher.vocabulary().spell(ids)).hasSize(response.length + 1);
            assertThat(sampled.end(ids.length - 1)).isEqualTo(response.length);
            assertThat(sampled.coveredBytes()).isEqualTo(response.length);
            Alignment same = TokenAligner.align(read(teacher, response), sampled);
            assertThat(same.exactPairs()).hasSize(ids.length - emptyTokens(sampled));
            assertThat(same.firstTokens().isPlain()).isTrue();
            Alignment other = TokenAligner.align(read(student, response), sampled);
            assertThat(other.stats().mismatches()).isZero();
            assertThat(other.studentLeftover().size()).isZero();
            assertThat(other.firstTokens()).isEqualTo(new FirstTokens(LeadingSpace.KEPT, LeadingSpace.DROPPED));
        }
    }

    @Test
    void textCutInACharacter_alignsUpToTheCut() {
        Random random = new Random(51);
        long mismatches = 0;
        for (int i = 0; i < 100; i++) {
            int[] whole = student.encode(text(random, 20));
            int[] ids = Arrays.copyOf(whole, 1 + random.nextInt(whole.length));
            int cutBytes = student.vocabulary().spell(ids).length;

            Alignment alignment = align(ids);

            mismatches += alignment.stats().mismatches();
            int last = alignment.groups().isEmpty()
                    ? 0
                    : alignment.groups().get(alignment.groups().size() - 1).endByte();
            assertThat(cutBytes - last).isLessThan(24);
        }
        assertThat(mismatches).isBetween(1L, 60L);
    }

    private static Alignment align(int[] ids) {
        return TokenAligner.align(teacherSpans(ids), TokenSpans.sampled(student.vocabulary(), ids));
    }

    private static TokenSpans teacherSpans(int[] ids) {
        return read(teacher, student.vocabulary().spellResponse(ids));
    }

    private static int emptyTokens(TokenSpans spans) {
        return (int) IntStream.range(0, spans.size())
                .filter(i -> spans.end(i) == spans.start(i))
                .count();
    }

    private static TokenSpans read(TextTokenizer tokenizer, byte[] response) {
        TokenizedBytes tokens = tokenizer.tokenize(response);
        return TokenSpans.tokenized(
                tokenizer.vocabulary(), tokens.ids().toArray(), tokens.ends().toArray(), tokens.coveredBytes());
    }

    private static Set<Integer> sharedBoundaries(int[] ids) {
        TokenSpans spans = teacherSpans(ids);
        Set<Integer> shared = new TreeSet<>();
        for (int i = 0; i < spans.size(); i++) {
            shared.add(spans.end(i));
        }
        Set<Integer> own = new TreeSet<>();
        Arrays.stream(student.vocabulary().ends(ids)).forEach(own::add);
        shared.retainAll(own);
        shared.remove(0);
        return shared;
    }

    private static String text(Random random, int words) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < words; i++) {
            text.append(i == 0 ? "" : " ").append(WORDS[random.nextInt(WORDS.length)]);
        }
        return text.toString();
    }
}
