// SPDX-License-Identifier: Apache-2.0
package reflux.model.text;

import static java.util.Objects.requireNonNull;

import java.util.List;

/** What is asked, before a tokenizer has seen it. */
public sealed interface PromptText {
    /** Plain text, tokenized as it stands, after the begin tokens of the tokenizer, if it has any. */
    record Text(String text) implements PromptText {
        public Text {
            requireNonNull(text, "text is null");
        }
    }

    /** A conversation, rendered by the model's chat template. */
    record Messages(List<Message> messages) implements PromptText {
        public Messages {
            messages = List.copyOf(messages);
        }
    }

    /** Token ids of the very tokenizer that will read them. */
    record Ids(TokenIds ids) implements PromptText {
        public Ids {
            requireNonNull(ids, "ids is null");
        }
    }
}
