// SPDX-License-Identifier: Apache-2.0
package reflux.model.template;

/** A piece of a template; {@code offset} is where it stands in the source. */
record Token(Kind kind, String text, int offset) {
    enum Kind {
        /** Output as it stands. */
        DATA,
        BLOCK_START,
        BLOCK_END,
        PRINT_START,
        PRINT_END,
        NAME,
        TEXT,
        INTEGER,
        FLOAT,
        OPERATOR,
        END
    }

    boolean is(Kind other, String value) {
        return kind == other && text.equals(value);
    }

    TemplateException unexpected(String wanted) {
        String found = kind == Kind.END ? "ends" : "has '" + text + "'";
        return new TemplateException("the chat template needs " + wanted + " at character " + offset + ", " + found);
    }
}
