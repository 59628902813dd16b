// SPDX-License-Identifier: Apache-2.0
package reflux.generator.sampling;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reflux.model.text.BpeTrainer;
import reflux.model.text.TextTokenizer;
import reflux.model.text.TokenIds;
import reflux.model.text.Vocabulary;

/** Responses of a student whose tokenizer, like SentencePiece, puts a space before each text. */
class RolloutTest {
    private static final int SPACE = 3 + ' '; // its byte token, after unk, s and /s

    @TempDir
    private Path dir;

    private TextTokenizer tokenizer;

    @BeforeEach
    void train() {
        BpeTrainer.sentencePiece(300).train(List.of("hello world", "well held")).write(dir);
        tokenizer = TextTokenizer.load(dir);
    }

    @AfterEach
    void close() {
        tokenizer.close();
    }

    @Test
    void leadingSpaceOfTheTokenizer_isNoPartOfTheResponse() {
        int[] ids = tokenizer.encode("hello world");

        TinyStudent.Heard heard = sampled(List.of(), ids);

        assertThat(tokenizer.vocabulary().spell(ids))
                .asString(StandardCharsets.UTF_8)
                .isEqualTo(" hello world");
        assertThat(heard.text()).isEqualTo("hello world");
        assertThat(heard.text().getBytes(StandardCharsets.UTF_8))
                .isEqualTo(tokenizer.vocabulary().spellResponse(ids));
    }

    @Test
    void onlyTheFirstSpace_isDropped() {
        int[] ids = tokenizer.encode("hello");
        int[] spaced = new int[ids.length + 3];
        Arrays.fill(spaced, SPACE);
        spaced[0] = 1; // a control token spells nothing
        System.arraycopy(ids, 0, spaced, 3, ids.length);

        TinyStudent.Heard heard = sampled(List.of(), spaced);

        assertThat(heard.text()).isEqualTo(tokenizer.decode(spaced)).startsWith("  hello");
    }

    @Test
    void stopText_isSoughtInTheResponse() {
        TinyStudent.Heard heard = sampled(List.of(" "), tokenizer.encode("hello world"));

        assertThat(heard.response.join().finish()).isEqualTo(FinishKind.STOP_TEXT);
        assertThat(heard.text()).isEqualTo("hello");
    }

    /** Takes these ids and the end token until the rollout ends. */
    private TinyStudent.Heard sampled(List<String> stop, int[] ids) {
        Vocabulary vocabulary = tokenizer.vocabulary();
        TinyStudent.Heard heard = new TinyStudent.Heard();
        SamplingRule rule = new SamplingRule(1, 0, 1, 100, stop);
        Rollout rollout = new Rollout(new RolloutRequest(TokenIds.of(5), rule, 1, 0), heard, 200);
        int[] ended = Arrays.copyOf(ids, ids.length + 1);
        ended[ids.length] = vocabulary.endId();
        for (int id : ended) {
            if (!rollout.accept(new TokenChooser.Choice(id, -1, -1), 0, vocabulary, id == vocabulary.endId())) {
                break;
            }
        }
        return heard;
    }
}
