// SPDX-License-Identifier: Apache-2.0
package reflux.model.text;

import java.util.Arrays;

/** Finds the bytes that the tokens of one text cover, by comparing what they spell with what is there. */
final class Spans {
    private final Vocabulary vocabulary;
    private final NormalizedText text;
    private final int limit;
    private final boolean metaSpace;

    /**
     * Of a text.
     *
     * @param limit the first byte of the given text that does not agree with the one that was tokenized
     * @param metaSpace whether the tokenizer reads U+2581 as a space
     */
    Spans(Vocabulary vocabulary, NormalizedText text, int limit, boolean metaSpace) {
        this.vocabulary = vocabulary;
        this.text = text;
        this.limit = limit;
        this.metaSpace = metaSpace;
    }

    /** Tokens whose bytes, one after another, are the text, after one space more if {@code leadingSpace}. */
    TokenizedBytes ofPieces(int[] ids, boolean leadingSpace) {
        int[] ends = new int[ids.length];
        int cursor = 0;
        int skip = leadingSpace ? 1 : 0;
        int token = 0;
        for (; token < ids.length; token++) {
            byte[] piece = vocabulary.bytes(ids[token]);
            int skipped = skip == 1 && piece.length > 0 && piece[0] == ' ' ? 1 : 0;
            int border = agreeingUpTo(ids[token], cursor, piece, skipped);
            if (border < 0) {
                break;
            }
            cursor = border;
            skip = piece.length > 0 ? 0 : skip;
            ends[token] = text.origin(cursor);
        }
        return result(ids, ends, token);
    }

    /** The border that a token's bytes reach, -1 if they are not those of the text or go beyond the limit. */
    private int agreeingUpTo(int id, int cursor, byte[] piece, int skipped) {
        int border = vocabulary.kind(id) == TokenKind.TEXT ? text.spelledUpTo(cursor, piece, skipped, metaSpace) : -1;
        return border >= 0 && text.origin(border) <= limit ? border : -1;
    }

    /** Words at given places (in code points); the white space before a word is the word's. */
    TokenizedBytes ofWords(int[] ids, int[][] places) {
        int[] borders = text.codePointBorders();
        int[] ends = new int[ids.length];
        int cursor = 0;
        int token = 0;
        for (; token < ids.length; token++) {
            int start = borders[places[token][0]];
            int end = borders[places[token][1]];
            byte[] word = vocabulary.bytes(ids[token]);
            boolean whole = word.length > 0 && word.length - 1 == end - start && text.isBlank(cursor, start);
            if (!whole || agreeingUpTo(ids[token], start, word, 1) < 0) {
                break;
            }
            cursor = end;
            ends[token] = text.origin(cursor);
        }
        return result(ids, ends, token);
    }

    private static TokenizedBytes result(int[] ids, int[] ends, int agreeing) {
        int covered = agreeing == 0 ? 0 : ends[agreeing - 1];
        Arrays.fill(ends, agreeing, ends.length, covered);
        return new TokenizedBytes(TokenIds.of(ids), TokenIds.of(ends), covered);
    }
}
