// SPDX-License-Identifier: Apache-2.0
package reflux.learner;

import reflux.model.text.PromptText;
import reflux.model.text.TextTokenizer;

/** Whether the student can be asked a prompt: it can be rendered and tokenized, and leaves room for a response. */
final class PromptCheck {
    private final TextTokenizer tokenizer;
    private final int contextLength;

    PromptCheck(TextTokenizer tokenizer, int contextLength) {
        this.tokenizer = tokenizer;
        this.contextLength = contextLength;
    }

    /** Throws IllegalArgumentException with the reason if not. */
    void require(PromptText prompt) {
        int tokens = tokenizer.encodePrompt(prompt).length;
        if (tokens == 0) {
            throw new IllegalArgumentException("the prompt has no tokens");
        }
        if (tokens >= contextLength) {
            throw new IllegalArgumentException("the prompt has " + tokens + " tokens, the student's context is "
                    + contextLength + " and must hold a response too");
        }
    }
}
