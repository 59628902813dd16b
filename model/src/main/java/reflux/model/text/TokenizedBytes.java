// SPDX-License-Identifier: Apache-2.0
package reflux.model.text;

/**
 * Tokens of a byte string with their spans. Token {@code i} covers bytes {@code [ends(i-1), ends(i))} of the given bytes
 * ({@code ends(-1)} = 0). From the first token whose spelling differs from the given bytes on, all tokens end at
 * {@code coveredBytes}: they have no width and must not be aligned.
 *
 * @param coveredBytes end of the last token before the first difference; the length of the given bytes if there is none
 */
public record TokenizedBytes(TokenIds ids, TokenIds ends, int coveredBytes) {
    public TokenizedBytes {
        if (ids.size() != ends.size()) {
            throw new IllegalArgumentException(
                    "ids and ends must have one size, were " + ids.size() + " and " + ends.size());
        }
    }
}
