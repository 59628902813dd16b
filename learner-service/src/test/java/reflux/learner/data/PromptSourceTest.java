// SPDX-License-Identifier: Apache-2.0
package reflux.learner.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import reflux.learner.ledger.Origin;
import reflux.learner.ledger.RolloutRequest;
import reflux.model.text.PromptText;

class PromptSourceTest {
    private static final long SEED = 42;

    private final List<Example> examples = IntStream.range(0, 10)
            .mapToObj(i -> new Example(new PromptText.Text("p" + i), List.of("r" + i), "f:" + i))
            .toList();

    @Test
    void epoch_givesEachPromptOnceInShuffledOrder() {
        List<String> ids = ids(new FilePrompts(examples, SEED, 1, Cursor.START), 10);

        assertThat(new HashSet<>(ids)).hasSize(10);
        assertThat(ids).isNotEqualTo(ids.stream().sorted().toList());
        assertThat(ids).allMatch(id -> id.matches("e0-0000000\\d"));
    }

    @Test
    void nextEpoch_isShuffledAnewWithNewIds() {
        FilePrompts source = new FilePrompts(examples, SEED, 1, Cursor.START);
        List<String> first = ids(source, 10);
        List<String> second = ids(source, 10);

        assertThat(second).allMatch(id -> id.startsWith("e1-"));
        assertThat(second.stream().map(id -> id.substring(3)).toList())
                .isNotEqualTo(first.stream().map(id -> id.substring(3)).toList());
    }

    @Test
    void cursor_continuesWhereItStood() {
        FilePrompts whole = new FilePrompts(examples, SEED, 3, Cursor.START);
        ids(whole, 47);
        FilePrompts resumed = new FilePrompts(examples, SEED, 3, whole.cursor());

        assertThat(ids(resumed, 40)).isEqualTo(ids(whole, 40));
    }

    @Test
    void generations_areNamedWithinThePrompt() {
        List<String> ids = ids(new FilePrompts(examples, SEED, 2, Cursor.START), 2);

        assertThat(ids.get(0)).endsWith("/0");
        assertThat(ids.get(1)).isEqualTo(ids.get(0).replace("/0", "/1"));
    }

    @Test
    void fedPrompts_comeFirst() {
        FedPrompts fed = new FedPrompts();
        PromptSource source = new PromptSequence(List.of(fed, new FilePrompts(examples, SEED, 1, Cursor.START)));
        fed.add(new RolloutRequest("mine", new PromptText.Text("x"), "", Origin.FEED));

        assertThat(source.next().orElseThrow().id()).isEqualTo("mine");
        assertThat(source.next().orElseThrow().origin()).isEqualTo(Origin.FILE);
    }

    @Test
    void cursorOfOtherData_isRefused() {
        assertThatThrownBy(() -> new FilePrompts(examples, SEED, 1, new Cursor(0, 10, 0)))
                .hasMessageContaining("resume with the data");
    }

    private static List<String> ids(PromptSource source, int count) {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            ids.add(source.next().orElseThrow().id());
        }
        return ids;
    }
}
