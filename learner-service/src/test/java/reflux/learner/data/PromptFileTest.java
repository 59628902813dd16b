// SPDX-License-Identifier: Apache-2.0
package reflux.learner.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reflux.model.text.Message;
import reflux.model.text.PromptText;

class PromptFileTest {
    @TempDir
    Path folder;

    @Test
    void promptsAndResponses_areRead() throws IOException {
        Path file = write("a.jsonl", """
                {"prompt": "hello", "response": "HH AH0 L OW1"}

                {"prompt": "über", "response": ["UW1", "AH0"]}
                {"prompt": "bare"}
                """);

        assertThat(PromptFile.readAll(List.of(file)))
                .containsExactly(
                        example("hello", file + ":1", "HH AH0 L OW1"),
                        example("über", file + ":3", "UW1", "AH0"),
                        example("bare", file + ":4"));
    }

    @Test
    void keysOfOtherDataSets_areAccepted() throws IOException {
        Path file = write("a.jsonl", """
                {"prompt": "p", "output": "a", "instruction": "left out"}
                {"query": "p", "response": "a"}
                {"instruction": "p", "answer": "a"}
                {"prompt": "p", "completion": "a", "response": null}
                """);

        assertThat(PromptFile.read(file)).hasSize(4).allSatisfy(line -> {
            assertThat(line.prompt()).isEqualTo(new PromptText.Text("p"));
            assertThat(line.response()).isEqualTo("a");
        });
    }

    @Test
    void responseThatIsNoText_isRefused() throws IOException {
        Path file = write("a.jsonl", "{\"prompt\": \"x\", \"answer\": 4}\n");

        assertThatThrownBy(() -> PromptFile.read(file))
                .hasMessage(file + ":1: \"answer\" must be a text or a list of texts");
    }

    @Test
    void messages_loseTheAssistantsLastAsResponse() throws IOException {
        Path file = write("a.jsonl", """
                {"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]}
                {"prompt": [{"role": "user", "content": "q"}], "response": "b"}
                """);
        PromptText question = new PromptText.Messages(List.of(new Message("user", "q")));

        assertThat(PromptFile.readAll(List.of(file)))
                .containsExactly(
                        new Example(question, List.of("a"), file + ":1"),
                        new Example(question, List.of("b"), file + ":2"));
    }

    @Test
    void gzip_isUnpacked() throws IOException {
        Path file = folder.resolve("a.jsonl.gz");
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
            out.write("{\"prompt\": \"hello\"}\n".getBytes(StandardCharsets.UTF_8));
        }

        assertThat(PromptFile.readAll(List.of(file))).hasSize(1);
    }

    @Test
    void brokenLine_isNamedWithFileAndLine() throws IOException {
        Path file = write("a.jsonl", "{\"prompt\": \"x\"}\n{\"prompt\": \n");

        assertThatThrownBy(() -> PromptFile.readAll(List.of(file)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(file + ":2: not JSON, ");
    }

    @Test
    void emptyPrompt_isRefused() throws IOException {
        Path file = write("a.jsonl", "{\"prompt\": \"\"}\n");

        assertThatThrownBy(() -> PromptFile.readAll(List.of(file)))
                .hasMessage(file + ":1: \"prompt\" must be a text that is not empty, or a list of messages");
    }

    @Test
    void missingFile_isNamed() {
        Path file = folder.resolve("none.jsonl");

        assertThatThrownBy(() -> PromptFile.readAll(List.of(file)))
                .hasMessage("train_data names " + file + ", which is not a file");
    }

    private static Example example(String prompt, String place, String... responses) {
        return new Example(new PromptText.Text(prompt), List.of(responses), place);
    }

    private Path write(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }
}
