// SPDX-License-Identifier: Apache-2.0
package reflux.learner.eval;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ExactMatchTest {
    @Test
    void casePunctuationAndSpaces_doNotCount() {
        assertThat(ExactMatch.of(List.of("The answer, is: 42."), "  the ANSWER\u00a0is\n42!"))
                .isTrue();
        assertThat(ExactMatch.of(List.of("e-mail"), "email")).isTrue();
    }

    @Test
    void wordsAndOtherScriptsPunctuation_count() {
        assertThat(ExactMatch.of(List.of("a b"), "ab")).isFalse();
        assertThat(ExactMatch.of(List.of("na\u00efve"), "naive")).isFalse();
        assertThat(ExactMatch.of(List.of("yes"), "yes\u3002")).isFalse();
    }

    @Test
    void severalReferences_anyOfThemIsRight() {
        List<EvalItem> items = List.of(new EvalItem("p", List.of("one", "two")), new EvalItem("q", List.of("three")));

        assertThat(ExactMatch.mean(items, List.of("Two.", "four"))).isEqualTo(0.5);
    }
}
