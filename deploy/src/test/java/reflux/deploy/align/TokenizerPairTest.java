// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.align;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class TokenizerPairTest {
    private static final Path MODELS = Path.of("demo-models").toAbsolutePath();

    @Test
    void sameTokenizer_pairsAllByEitherMethod() {
        try (TokenizerPair pair = TokenizerPair.open(MODELS.resolve("teacher"), MODELS.resolve("student-same"))) {
            TextAlignment found = pair.measure("K AE1 T S");

            assertThat(found.exactTokens()).isEqualTo(found.studentTokens()).isPositive();
            assertThat(found.publishedTokens()).isEqualTo(found.studentTokens());
            assertThat(found.exactBytes()).isEqualTo(found.bytes()).isEqualTo(9);
            assertThat(found.exactSpans()).isOne();
            assertThat(found.groups()).isZero();
        }
    }

    @Test
    void newline_endsThePublishedScanOnly() {
        try (TokenizerPair pair = TokenizerPair.open(MODELS.resolve("teacher"), MODELS.resolve("student"))) {
            TextAlignment before = pair.measure("K");
            TextAlignment found = pair.measure("K\nAE1\nT\nS");

            assertThat(before.publishedTokens()).isEqualTo(before.exactTokens());
            assertThat(found.publishedTokens()).isLessThan(found.exactTokens());
            assertThat(found.exactTokens() + found.groupedTokens()).isEqualTo(found.studentTokens());
            assertThat(found.exactSpans()).isOne();
        }
    }
}
