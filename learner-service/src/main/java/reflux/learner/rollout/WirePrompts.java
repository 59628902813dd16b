// SPDX-License-Identifier: Apache-2.0
package reflux.learner.rollout;

import java.util.List;
import reflux.model.text.Message;
import reflux.model.text.PromptText;
import reflux.model.text.TokenIds;
import reflux.v1.ChatMessage;
import reflux.v1.Conversation;
import reflux.v1.Prompt;

/** Prompts as the contract writes them. */
public final class WirePrompts {
    private WirePrompts() {}

    public static Prompt toWire(PromptText prompt) {
        Prompt.Builder wire = Prompt.newBuilder();
        if (prompt instanceof PromptText.Text text) {
            return wire.setText(text.text()).build();
        } else if (prompt instanceof PromptText.Messages conversation) {
            Conversation.Builder messages = Conversation.newBuilder();
            for (Message message : conversation.messages()) {
                messages.addMessages(
                        ChatMessage.newBuilder().setRole(message.role()).setContent(message.content()));
            }
            return wire.setMessages(messages).build();
        }
        reflux.v1.TokenIds.Builder ids = reflux.v1.TokenIds.newBuilder();
        for (int id : ((PromptText.Ids) prompt).ids().toArray()) {
            ids.addIds(id);
        }
        return wire.setIds(ids).build();
    }

    /** Throws IllegalArgumentException for a prompt of no kind. */
    public static PromptText fromWire(Prompt prompt) {
        return switch (prompt.getKindCase()) {
            case TEXT -> new PromptText.Text(prompt.getText());
            case MESSAGES -> new PromptText.Messages(messages(prompt));
            case IDS ->
                new PromptText.Ids(TokenIds.of(prompt.getIds().getIdsList().stream()
                        .mapToInt(Integer::intValue)
                        .toArray()));
            case KIND_NOT_SET -> throw new IllegalArgumentException("prompt has neither text nor messages nor ids");
        };
    }

    private static List<Message> messages(Prompt prompt) {
        return prompt.getMessages().getMessagesList().stream()
                .map(message -> new Message(message.getRole(), message.getContent()))
                .toList();
    }
}
