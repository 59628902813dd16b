// SPDX-License-Identifier: Apache-2.0
package reflux.model.text;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import reflux.model.template.ChatTemplate;
import reflux.model.template.TemplateException;

/** Conversations as prompts of one model, by its chat template. */
final class ChatPrompts {
    private final Optional<ChatTemplate> template;
    private final String failure; // why the template cannot be used; empty if it can, or if there is none
    private final Map<String, String> tokens;
    private final AddedNames names;

    private ChatPrompts(Optional<ChatTemplate> template, String failure, Map<String, String> tokens, AddedNames names) {
        this.template = template;
        this.failure = failure;
        this.tokens = tokens;
        this.names = names;
    }

    /** A template that cannot be read is complained of by {@link #text} only: other prompts need none. */
    static ChatPrompts of(TokenizerFiles files, AddedNames names) {
        try {
            return new ChatPrompts(files.chatTemplate().map(ChatTemplate::parse), "", files.templateTokens(), names);
        } catch (TemplateException e) {
            return new ChatPrompts(Optional.empty(), String.valueOf(e.getMessage()), Map.of(), names);
        }
    }

    /** What the native tokenizer reads, special tokens of the template under their hidden names. */
    String text(List<Message> messages) {
        if (!failure.isEmpty()) {
            throw new IllegalArgumentException("the model's chat template cannot be used for messages: " + failure);
        }
        return template.map(known -> names.revealed(known.render(conversation(messages), tokens)))
                .orElseGet(() -> withoutTemplate(messages));
    }

    private static ObjectNode conversation(List<Message> messages) {
        ObjectNode conversation = JsonNodeFactory.instance.objectNode();
        ArrayNode turns = conversation.putArray("messages");
        for (Message message : messages) {
            turns.addObject().put("role", message.role()).put("content", message.content());
        }
        return conversation.putNull("tools").putNull("documents").put("add_generation_prompt", true);
    }

    private static String withoutTemplate(List<Message> messages) {
        if (messages.size() != 1 || !messages.get(0).role().equals("user")) {
            throw new IllegalArgumentException(
                    "the model has no chat template, so only a single message of role user can be"
                            + " rendered (as its content); send the prompt as text or as ids");
        }
        return messages.get(0).content();
    }
}
