// SPDX-License-Identifier: Apache-2.0
package reflux.learner.eval;

import java.nio.file.Path;
import java.util.List;
import reflux.learner.data.Example;
import reflux.learner.data.PromptFile;
import reflux.model.text.PromptText;

/**
 * One line of a test file.
 *
 * @param references right responses; one or more
 */
public record EvalItem(String prompt, List<String> references) {
    public EvalItem {
        references = List.copyOf(references);
        if (references.isEmpty()) {
            throw new IllegalArgumentException("the prompt \"" + prompt + "\" has no reference");
        }
    }

    /** Lines as {@link PromptFile} reads them, each with a text as its prompt and a response; fails with file and line. */
    public static List<EvalItem> read(Path file) {
        List<EvalItem> items = PromptFile.read(file).stream().map(EvalItem::of).toList();
        if (items.isEmpty()) {
            throw new IllegalArgumentException(file + ": has no lines");
        }
        return items;
    }

    private static EvalItem of(Example line) {
        if (line.prompt() instanceof PromptText.Text prompt && !line.responses().isEmpty()) {
            return new EvalItem(prompt.text(), line.responses());
        }
        throw new IllegalArgumentException(
                line.place() + ": needs a text \"prompt\" and a \"response\" (text or list of texts)");
    }
}
