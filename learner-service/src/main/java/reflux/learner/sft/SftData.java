// SPDX-License-Identifier: Apache-2.0
package reflux.learner.sft;

import java.nio.file.Path;
import java.util.List;
import reflux.learner.data.Example;
import reflux.learner.data.PromptFile;
import reflux.model.text.TextTokenizer;

/** Reads lines of prompts and responses as examples; of several responses the first. */
final class SftData {
    private final TextTokenizer tokenizer;
    private final int endId;
    private final int contextLength;

    SftData(TextTokenizer tokenizer, int contextLength) {
        this.tokenizer = tokenizer;
        this.endId = tokenizer.vocabulary().endId();
        this.contextLength = contextLength;
        if (endId < 0) {
            throw new IllegalArgumentException("the tokenizer has no end-of-sequence token, so responses cannot end");
        }
    }

    List<SftExample> read(List<Path> files) {
        return files.stream()
                .flatMap(file -> PromptFile.read(file).stream())
                .map(this::example)
                .toList();
    }

    private SftExample example(Example line) {
        if (line.response().isEmpty()) {
            throw new IllegalArgumentException(line.place() + ": needs a \"response\" to learn");
        }
        int[] prompt = tokenizer.encodePrompt(line.prompt());
        SftExample example = SftExample.of(prompt, tokenizer.encode(line.response()), endId);
        if (example.length() > contextLength) {
            throw new IllegalArgumentException(
                    line.place() + ": has " + example.length() + " tokens, the model's context has " + contextLength);
        }
        return example;
    }
}
