// SPDX-License-Identifier: Apache-2.0
package reflux.learner.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** {@code rouge_golden.jsonl} was written by Google's rouge_score; {@code rouge_golden.py} beside it makes it again. */
class RougeLTest {
    @Test
    void goldenPairs_haveRougeScoresFMeasure() throws IOException {
        List<JsonNode> golden = golden();

        assertThat(golden).hasSizeGreaterThanOrEqualTo(300);
        for (JsonNode pair : golden) {
            List<String> references = new ArrayList<>();
            pair.get("references").forEach(reference -> references.add(reference.textValue()));
            assertThat(RougeL.of(references, pair.get("response").textValue()))
                    .as(pair.toString())
                    .isCloseTo(pair.get("rouge_l").doubleValue(), within(1e-12));
        }
    }

    @Test
    void tokens_areStemmedAboveThreeLetters() {
        assertThat(RougeL.tokens("He's RUNNING, the caf\u00e9s\u2026 by 1960s"))
                .containsExactly("he", "s", "run", "the", "caf", "s", "by", "1960");
    }

    @Test
    void mean_isOverItems() {
        List<EvalItem> items = List.of(new EvalItem("a", List.of("one two", "three")), new EvalItem("b", List.of("x")));

        assertThat(RougeL.mean(items, List.of("three", "y"))).isEqualTo(0.5);
    }

    private static List<JsonNode> golden() throws IOException {
        ObjectMapper json = new ObjectMapper();
        List<JsonNode> pairs = new ArrayList<>();
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(
                Objects.requireNonNull(RougeLTest.class.getResourceAsStream("rouge_golden.jsonl")),
                StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                pairs.add(json.readTree(line));
            }
        }
        return pairs;
    }
}
