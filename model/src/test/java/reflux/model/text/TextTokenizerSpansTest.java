// SPDX-License-Identifier: Apache-2.0
package reflux.model.text;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Byte spans on 3,000 random texts (seed 11): every byte is covered, by the right token. */
class TextTokenizerSpansTest {
    @TempDir
    Path dir;

    @ParameterizedTest
    @MethodSource("reflux.model.text.BpeTrainerTest#trainers")
    void randomTexts_areCoveredExactly(BpeTrainer trainer) {
        try (TextTokenizer tokenizer = TokenizerFixtures.trained(dir, trainer)) {
            boolean metaSpace = tokenizer.vocabulary().size() > 400;
            for (String text : TokenizerFixtures.randomTexts(11, 3000)) {
                byte[] bytes = text.getBytes(UTF_8);
                TokenizedBytes tokens = tokenizer.tokenize(bytes);
                if (metaSpace && text.contains(BpeStyle.META_SPACE)) {
                    assertThat(tokens.coveredBytes()).isEqualTo(bytes.length);
                    assertThat(tokenizer.decode(tokens.ids().toArray()))
                            .isEqualTo(text.replace(BpeStyle.META_SPACE, " "));
                } else {
                    assertExact(tokenizer, bytes, tokens);
                }
                assertThat(tokens.ids().toArray()).isEqualTo(tokenizer.encode(text));
            }
        }
    }

    static void assertExact(TextTokenizer tokenizer, byte[] bytes, TokenizedBytes tokens) {
        int[] ids = tokens.ids().toArray();
        assertThat(tokens.coveredBytes()).isEqualTo(bytes.length);
        assertThat(tokenizer.vocabulary().spellResponse(ids)).isEqualTo(bytes);
        assertThat(tokenizer.vocabulary().responseEnds(ids))
                .isEqualTo(tokens.ends().toArray());
    }
}
