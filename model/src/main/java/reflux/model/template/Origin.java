// SPDX-License-Identifier: Apache-2.0
package reflux.model.template;

/** Who wrote a character of a rendered prompt. */
public enum Origin {
    /** The template, or a special token that it was given. */
    TEMPLATE,
    /** The role of a message. */
    ROLE,
    /** Anything else that came with the conversation. */
    CONTENT;

    private static final Origin[] ALL = values();

    char mark() {
        return (char) ordinal();
    }

    static Origin of(char mark) {
        return ALL[mark];
    }
}
