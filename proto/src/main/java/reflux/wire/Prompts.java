// SPDX-License-Identifier: Apache-2.0
package reflux.wire;

import reflux.v1.ChatMessage;
import reflux.v1.Limits;
import reflux.v1.Prompt;

/** What is checked of a prompt before any model sees it. */
public final class Prompts {
    /** Most messages of a conversation. */
    public static final int MAX_MESSAGES = 1024;

    /** Longest role, in characters. */
    public static final int MAX_ROLE = 64;

    private Prompts() {}

    /**
     * Returns the prompt if it is one and is not larger than the limits; a limit of 0 is no limit. Text is bounded by 64
     * characters a token here, exactly once it is tokenised.
     *
     * @throws IllegalArgumentException if it is empty, or a message lacks its role
     * @throws CapacityException if it is too long
     */
    public static Prompt check(Prompt prompt, Limits limits) {
        switch (prompt.getKindCase()) {
            case TEXT -> checkLength(prompt.getText().length(), limits);
            case IDS -> checkIds(prompt, limits);
            case MESSAGES -> checkMessages(prompt, limits);
            case KIND_NOT_SET -> throw new IllegalArgumentException("prompt must be text, messages or ids, was none");
        }
        return prompt;
    }

    private static void checkIds(Prompt prompt, Limits limits) {
        int count = prompt.getIds().getIdsCount();
        if (count == 0) {
            throw new IllegalArgumentException("prompt must have at least one token id, had none");
        }
        if (limits.getMaxPromptTokens() > 0 && count > limits.getMaxPromptTokens()) {
            throw new CapacityException("prompt has " + count + " tokens, limit " + limits.getMaxPromptTokens());
        }
        for (int i = 0; i < count; i++) {
            if (prompt.getIds().getIds(i) < 0) {
                throw new IllegalArgumentException("prompt token id must be below 2^31, was "
                        + Integer.toUnsignedString(prompt.getIds().getIds(i)));
            }
        }
    }

    private static void checkMessages(Prompt prompt, Limits limits) {
        int count = prompt.getMessages().getMessagesCount();
        if (count == 0 || count > MAX_MESSAGES) {
            throw new IllegalArgumentException(
                    "conversation must have 1 to " + MAX_MESSAGES + " messages, had " + count);
        }
        long characters = 0;
        for (ChatMessage message : prompt.getMessages().getMessagesList()) {
            if (message.getRole().isEmpty() || message.getRole().length() > MAX_ROLE) {
                throw new IllegalArgumentException("role must have 1 to " + MAX_ROLE + " characters, had "
                        + message.getRole().length());
            }
            characters += message.getContent().length();
        }
        checkLength(characters, limits);
    }

    private static void checkLength(long characters, Limits limits) {
        if (characters == 0) {
            throw new IllegalArgumentException("prompt must not be empty");
        }
        long most = limits.getMaxPromptTokens() * 64L;
        if (most > 0 && characters > most) {
            throw new CapacityException("prompt has " + characters + " characters, more than "
                    + limits.getMaxPromptTokens() + " tokens can be");
        }
    }
}
