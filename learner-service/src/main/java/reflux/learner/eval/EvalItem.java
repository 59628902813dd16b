// SPDX-License-Identifier: Apache-2.0
package reflux.learner.eval;

import java.nio.file.Path;
import java.util.List;
import reflux.learner.data.Example;
import reflux.learner.data.PromptFile;
import reflux.model.text.Message;
import reflux.model.text.PromptText;

/**
 * One line of a test file.
 *
 * @param references right responses; one or more
 */
public record EvalItem(PromptText prompt, List<String> references) {
    public EvalItem {
        references = List.copyOf(references);
        if (references.isEmpty()) {
            throw new IllegalArgumentException("the prompt \"" + prompt + "\" has no reference");
        }
    }

    EvalItem(String prompt, List<String> references) {
        this(new PromptText.Text(prompt), references);
    }

    /** Lines as {@link PromptFile} reads them, each with a response; fails with file and line. */
    public static List<EvalItem> read(Path file) {
        List<EvalItem> items = PromptFile.read(file).stream().map(EvalItem::of).toList();
        if (items.isEmpty()) {
            throw new IllegalArgumentException(file + ": has no lines");
        }
        return items;
    }

    private static EvalItem of(Example line) {
        if (line.responses().isEmpty()) {
            throw new IllegalArgumentException(
                    line.place() + ": needs a \"prompt\" and a \"response\" (text or list of texts)");
        }
        return new EvalItem(line.prompt(), line.responses());
    }

    /** The prompt for a reader: of a conversation the last message. */
    String text() {
        if (prompt instanceof PromptText.Messages conversation) {
            List<Message> messages = conversation.messages();
            return messages.get(messages.size() - 1).content();
        }
        return prompt instanceof PromptText.Text plain ? plain.text() : prompt.toString();
    }
}
