// SPDX-License-Identifier: Apache-2.0
package reflux.model.text;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/**
 * Bytes and kind of every token id. Immutable, with no native parts, so that it can be built from the wire.
 * END and CONTROL tokens spell no bytes.
 */
public final class Vocabulary {
    /** Code of an END token besides the one that is written at the end of a text. */
    static final byte FURTHER_END = 3;

    private static final TokenKind[] KINDS = {TokenKind.TEXT, TokenKind.END, TokenKind.CONTROL, TokenKind.END};

    private final byte[] bytes;
    private final int[] ends;
    private final byte[] kinds;
    private final boolean leadingSpace;
    private final String fingerprint;

    private Vocabulary(byte[] bytes, int[] ends, byte[] kinds, boolean leadingSpace, String fingerprint) {
        this.bytes = bytes;
        this.ends = ends;
        this.kinds = kinds;
        this.leadingSpace = leadingSpace;
        this.fingerprint = fingerprint;
    }

    /**
     * Of the bytes of all tokens one after another, where the bytes of each token end, and the kinds ({@link TokenKind}
     * codes, and 3 for END tokens besides the one that is written). The arrays are copied. Throws {@code IllegalArgumentException} where they contradict each other.
     */
    public static Vocabulary of(byte[] bytes, int[] ends, byte[] kinds) {
        if (ends.length != kinds.length) {
            throw new IllegalArgumentException(
                    "ends and kinds must have one size, were " + ends.length + " and " + kinds.length);
        }
        int previous = 0;
        for (int id = 0; id < ends.length; id++) {
            if (ends[id] < previous) {
                throw new IllegalArgumentException("ends must not decrease, do at id " + id);
            }
            if (kinds[id] < 0 || kinds[id] >= KINDS.length) {
                throw new IllegalArgumentException("kind of id " + id + " must be 0, 1, 2 or 3, was " + kinds[id]);
            }
            if (kinds[id] != 0 && ends[id] != previous) {
                throw new IllegalArgumentException("id " + id + " is " + KINDS[kinds[id]] + " and must have no bytes");
            }
            previous = ends[id];
        }
        if (previous != bytes.length) {
            throw new IllegalArgumentException("ends must end at " + bytes.length + ", end at " + previous);
        }
        return new Vocabulary(bytes.clone(), ends.clone(), kinds.clone(), false, fingerprintOf(bytes, ends, kinds));
    }

    /** The same table of a tokenizer that puts a space before each text; see {@link #spellResponse}. */
    Vocabulary withLeadingSpace(boolean leading) {
        return new Vocabulary(bytes, ends, kinds, leading, fingerprint);
    }

    /** Number of ids. */
    public int size() {
        return ends.length;
    }

    /** A copy of the bytes of one token. */
    public byte[] bytes(int id) {
        return Arrays.copyOfRange(bytes, start(id), ends[id]);
    }

    /** Number of bytes of one token. */
    public int length(int id) {
        return ends[id] - start(id);
    }

    public TokenKind kind(int id) {
        return KINDS[kinds[id]];
    }

    /** The END id that is written at the end of a text: the first that is not marked as a further one; -1 if there is none. */
    public int endId() {
        for (int id = 0; id < kinds.length; id++) {
            if (kinds[id] == TokenKind.END.code()) {
                return id;
            }
        }
        List<Integer> further = endIds();
        return further.isEmpty() ? -1 : further.get(0);
    }

    /** All END ids in increasing order. */
    public List<Integer> endIds() {
        List<Integer> found = new ArrayList<>();
        for (int id = 0; id < kinds.length; id++) {
            if (kind(id) == TokenKind.END) {
                found.add(id);
            }
        }
        return List.copyOf(found);
    }

    public byte[] allBytes() {
        return bytes.clone();
    }

    public int[] allEnds() {
        return ends.clone();
    }

    public byte[] allKinds() {
        return kinds.clone();
    }

    /** SHA-256, in hex, over id, kind, length (32-bit little-endian each) and bytes of every token in order of id. */
    public String fingerprint() {
        return fingerprint;
    }

    /** The bytes that TEXT tokens spell, one after another. */
    public byte[] spell(int[] ids) {
        int length = 0;
        for (int id : ids) {
            length += length(id);
        }
        ByteBuffer spelled = ByteBuffer.allocate(length);
        for (int id : ids) {
            spelled.put(bytes, start(id), length(id));
        }
        return spelled.array();
    }

    /** Where each token ends in {@link #spell} of the same ids. */
    public int[] ends(int[] ids) {
        int[] spans = new int[ids.length];
        int end = 0;
        for (int i = 0; i < ids.length; i++) {
            end += length(ids[i]);
            spans[i] = end;
        }
        return spans;
    }

    /**
     * The text that these tokens are on their own: {@link #spell} without the leading space, if this is the vocabulary of a
     * tokenizer that puts one before each text and the first token spells it. A vocabulary made by {@link #of} keeps it.
     */
    public byte[] spellResponse(int[] ids) {
        byte[] spelled = spell(ids);
        return Arrays.copyOfRange(spelled, dummyBytes(spelled), spelled.length);
    }

    /** Where each token ends in {@link #spellResponse} of the same ids. */
    public int[] responseEnds(int[] ids) {
        int dummy = dummyBytes(spell(ids));
        int[] spans = ends(ids);
        for (int i = 0; i < spans.length; i++) {
            spans[i] = Math.max(0, spans[i] - dummy);
        }
        return spans;
    }

    private int dummyBytes(byte[] spelled) {
        return leadingSpace && spelled.length > 0 && spelled[0] == ' ' ? 1 : 0;
    }

    private int start(int id) {
        return id == 0 ? 0 : ends[id - 1];
    }

    private static String fingerprintOf(byte[] bytes, int[] ends, byte[] kinds) {
        MessageDigest digest = sha256();
        ByteBuffer head = ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN);
        int start = 0;
        for (int id = 0; id < ends.length; id++) {
            head.clear();
            head.putInt(id).putInt(kinds[id]).putInt(ends[id] - start);
            digest.update(head.array());
            digest.update(bytes, start, ends[id] - start);
            start = ends[id];
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java has no SHA-256", e);
        }
    }
}
