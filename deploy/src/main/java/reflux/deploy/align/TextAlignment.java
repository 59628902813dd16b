// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.align;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;

/**
 * How the tokens of a text pair up, summed over its pieces.
 *
 * @param bytes of the pieces
 * @param teacherTokens text tokens
 * @param studentTokens text tokens
 * @param publishedTokens the student's that the published scan pairs
 * @param publishedBytes bytes of these
 * @param falsePairs of the published scan: the two tokens do not cover the same bytes
 * @param exactTokens the student's that pair by bytes
 * @param exactBytes bytes of these
 * @param groups runs of tokens between two shared byte borders that are more than one token on a side
 * @param groupedTokens the student's in such groups
 * @param exactSpans pieces that the tokens of both sides spell to the last byte
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record TextAlignment(
        String text,
        long pieces,
        long bytes,
        long teacherTokens,
        long studentTokens,
        long publishedTokens,
        long publishedBytes,
        long falsePairs,
        long exactTokens,
        long exactBytes,
        long groups,
        long groupedTokens,
        long exactSpans) {

    static TextAlignment none(String text) {
        return new TextAlignment(text, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    }

    /** Both together, under this one's name. */
    TextAlignment plus(TextAlignment other) {
        return new TextAlignment(
                text,
                pieces + other.pieces,
                bytes + other.bytes,
                teacherTokens + other.teacherTokens,
                studentTokens + other.studentTokens,
                publishedTokens + other.publishedTokens,
                publishedBytes + other.publishedBytes,
                falsePairs + other.falsePairs,
                exactTokens + other.exactTokens,
                exactBytes + other.exactBytes,
                groups + other.groups,
                groupedTokens + other.groupedTokens,
                exactSpans + other.exactSpans);
    }
}
