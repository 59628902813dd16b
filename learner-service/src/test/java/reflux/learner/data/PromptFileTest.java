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
                        new Example(new PromptText.Text("hello"), "HH AH0 L OW1"),
                        new Example(new PromptText.Text("über"), "UW1"),
                        new Example(new PromptText.Text("bare"), ""));
    }

    @Test
    void messages_loseTheAssistantsLastAsResponse() throws IOException {
        Path file = write("a.jsonl", """
                {"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]}
                {"prompt": [{"role": "user", "content": "q"}], "response": "b"}
                """);
        PromptText question = new PromptText.Messages(List.of(new Message("user", "q")));

        assertThat(PromptFile.readAll(List.of(file)))
                .containsExactly(new Example(question, "a"), new Example(question, "b"));
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

    private Path write(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }
}
