// SPDX-License-Identifier: Apache-2.0
package reflux.learner.eval;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** {@code porter_golden.tsv} was written by NLTK's stemmer; {@code rouge_golden.py} beside it makes it again. */
class PorterStemmerTest {
    @Test
    void goldenWords_haveNltksStems() throws IOException {
        List<String> lines;
        try (InputStream golden = PorterStemmerTest.class.getResourceAsStream("porter_golden.tsv")) {
            lines = new String(Objects.requireNonNull(golden).readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
        }

        List<String> stemmed = lines.stream()
                .map(line -> line.substring(0, line.indexOf('\t')))
                .map(word -> word + "\t" + PorterStemmer.stem(word))
                .toList();

        assertThat(lines).hasSizeGreaterThan(5000);
        assertThat(stemmed).isEqualTo(lines);
    }
}
