// SPDX-License-Identifier: Apache-2.0
package reflux.model.text;

import java.util.Arrays;

/** Finds the bytes that the tokens of one text cover, by comparing what they spell with what is there. */
final class Spans {
    private final Vocabulary vocabulary;
    private final NormalizedText text;
    private final int limit;

    /** {@code limit} is the first byte of the given text that does not agree with the one that was tokenized. */
    Spans(Vocabulary vocabulary, NormalizedText text, int limit) {
        this.vocabulary = vocabulary;
        this.text = text;
        this.limit = limit;
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
            if (!agrees(ids[token], cursor, piece, skipped)) {
                break;
            }
            cursor += piece.length - skipped;
            skip = piece.length > 0 ? 0 : skip;
            ends[token] = text.origin(cursor);
        }
        return result(ids, ends, token);
    }

    private boolean agrees(int id, int cursor, byte[] piece, int skipped) {
        return vocabulary.kind(id) == TokenKind.TEXT
                && text.spells(cursor, piece, skipped)
                && text.origin(cursor + piece.length - skipped) <= limit;
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
            if (!whole || !agrees(ids[token], start, word, 1)) {
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
