// SPDX-License-Identifier: Apache-2.0
package reflux.learner.align;

import java.util.Arrays;
import reflux.model.text.TokenKind;
import reflux.model.text.Vocabulary;

/**
 * The tokens of one response as byte spans: token i covers the bytes {@code [end(i - 1), end(i))}. End-of-sequence and
 * control tokens cover nothing; a text token may cover nothing too (a dropped leading space). Immutable.
 *
 * <p>The spans hold up to {@link #coveredBytes()}; a token that ends beyond spells something else than the response, and
 * is never aligned.
 */
public final class TokenSpans {
    private final int[] ends;
    private final TokenKind[] kinds;
    private final int coveredBytes;
    private final LeadingSpace leadingSpace;
    private final boolean isMismatched;

    private TokenSpans(
            int[] ends, TokenKind[] kinds, int coveredBytes, LeadingSpace leadingSpace, boolean isMismatched) {
        this.ends = ends;
        this.kinds = kinds;
        this.coveredBytes = coveredBytes;
        this.leadingSpace = leadingSpace;
        this.isMismatched = isMismatched;
    }

    /**
     * Spans from plain ends and kinds.
     *
     * @throws IllegalArgumentException if the lengths differ, an end is less than the one before, or {@code
     *     coveredBytes} is negative
     */
    public static TokenSpans of(int[] ends, TokenKind[] kinds, int coveredBytes, LeadingSpace leadingSpace) {
        if (ends.length != kinds.length) {
            throw new IllegalArgumentException("ends has " + ends.length + " tokens, kinds has " + kinds.length);
        }
        if (coveredBytes < 0) {
            throw new IllegalArgumentException("coveredBytes must be >= 0, was " + coveredBytes);
        }
        int previous = 0;
        for (int i = 0; i < ends.length; i++) {
            if (ends[i] < previous) {
                throw new IllegalArgumentException(
                        "token " + i + " ends at byte " + ends[i] + ", before its predecessor's end " + previous);
            }
            previous = ends[i];
        }
        return new TokenSpans(ends.clone(), kinds.clone(), coveredBytes, leadingSpace, previous > coveredBytes);
    }

    /**
     * The spans of sampled ids that define the response, {@link Vocabulary#spellResponse}: every token covers all its bytes,
     * except a leading space that its tokenizer puts before each text.
     */
    public static TokenSpans sampled(Vocabulary vocabulary, int[] ids) {
        int[] ends = vocabulary.responseEnds(ids);
        int bytes = ends.length == 0 ? 0 : ends[ends.length - 1];
        boolean isDropped = ids.length > 0 && ends[0] < vocabulary.length(ids[0]);
        LeadingSpace leadingSpace = isDropped ? LeadingSpace.DROPPED : LeadingSpace.KEPT;
        return new TokenSpans(ends, kinds(vocabulary, ids), bytes, leadingSpace, false);
    }

    /**
     * The spans of a given response as a tokenizer reports them.
     *
     * @param ends byte of the response where each token ends; from the first mismatch on, {@code coveredBytes}
     * @param coveredBytes how far the tokens spell the response's bytes
     * @throws IllegalArgumentException if the ends are not in order or not as many as the ids
     */
    public static TokenSpans tokenized(Vocabulary vocabulary, int[] ids, int[] ends, int coveredBytes) {
        LeadingSpace leadingSpace = LeadingSpace.KEPT;
        long spelledBytes = 0;
        for (int id : ids) {
            spelledBytes += vocabulary.length(id);
        }
        if (ids.length > 0 && ends.length > 0) {
            byte[] first = vocabulary.bytes(ids[0]);
            if (first.length == ends[0] + 1 && first[0] == ' ') {
                leadingSpace = LeadingSpace.DROPPED;
                spelledBytes--;
            }
        }
        TokenSpans spans = of(ends, kinds(vocabulary, ids), coveredBytes, leadingSpace);
        boolean isMismatched = spans.isMismatched || spelledBytes > coveredBytes;
        return new TokenSpans(spans.ends, spans.kinds, coveredBytes, leadingSpace, isMismatched);
    }

    private static TokenKind[] kinds(Vocabulary vocabulary, int[] ids) {
        return Arrays.stream(ids).mapToObj(vocabulary::kind).toArray(TokenKind[]::new);
    }

    public int size() {
        return ends.length;
    }

    /** First byte of the token. */
    public int start(int token) {
        return token == 0 ? 0 : ends[token - 1];
    }

    /** Byte after the token's last. */
    public int end(int token) {
        return ends[token];
    }

    public TokenKind kind(int token) {
        return kinds[token];
    }

    /** How far the tokens spell the response. */
    public int coveredBytes() {
        return coveredBytes;
    }

    /** What the first token does with its leading space. */
    public LeadingSpace leadingSpace() {
        return leadingSpace;
    }

    /** Whether the tokens go on beyond the bytes that they spell rightly. */
    public boolean isMismatched() {
        return isMismatched;
    }
}
