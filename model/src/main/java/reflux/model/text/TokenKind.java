// SPDX-License-Identifier: Apache-2.0
package reflux.model.text;

/** What a token is to alignment. */
public enum TokenKind {
    /** Spells bytes of the text. */
    TEXT(0),
    /** Ends the sequence; spells nothing. */
    END(1),
    /** Any other special token; spells nothing. */
    CONTROL(2);

    private final byte code;

    TokenKind(int code) {
        this.code = (byte) code;
    }

    /** The number that stands for this kind on the wire and in {@link Vocabulary#allKinds}, where some END tokens have 3. */
    public byte code() {
        return code;
    }
}
