// SPDX-License-Identifier: Apache-2.0
package reflux.learner.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvalItemTest {
    @TempDir
    private Path dir;

    @Test
    void responses_areOneTextOrSeveral() throws IOException {
        Path file = file("{\"prompt\":\"a\",\"response\":\"B\"}\n\n{\"prompt\":\"c\",\"response\":[\"D\",\"E\"]}\n");

        assertThat(EvalItem.read(file))
                .containsExactly(new EvalItem("a", List.of("B")), new EvalItem("c", List.of("D", "E")));
    }

    @Test
    void brokenJson_isNamedByFileAndLine() throws IOException {
        Path file = file("{\"prompt\":\"a\",\"response\":\"B\"}\n{\"prompt\":\n");

        assertThatThrownBy(() -> EvalItem.read(file))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(file + ":2: not JSON, ");
    }

    private Path file(String text) throws IOException {
        return Files.writeString(dir.resolve("test.jsonl"), text);
    }
}
