// SPDX-License-Identifier: Apache-2.0
package reflux.model.text;

/** What a token is to alignment; the wire code is the ordinal. */
public enum TokenKind {
    /** Spells bytes of the text. */
    TEXT,
    /** Ends the sequence; spells nothing. */
    END,
    /** Any other special token; spells nothing. */
    CONTROL
}
