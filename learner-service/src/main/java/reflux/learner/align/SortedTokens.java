// SPDX-License-Identifier: Apache-2.0
package reflux.learner.align;

import java.util.Arrays;
import java.util.stream.IntStream;
import reflux.model.text.TokenKind;
import reflux.model.text.Vocabulary;

/**
 * The text tokens of a vocabulary in order of their bytes, so that those that begin alike lie side by side: a trie without
 * nodes. A node is a range of ranks and a depth; its children are found by binary search. Immutable.
 */
final class SortedTokens {
    private final byte[][] spellings;
    private final int[] ids;

    private SortedTokens(byte[][] spellings, int[] ids) {
        this.spellings = spellings;
        this.ids = ids;
    }

    /** All tokens that spell something. */
    static SortedTokens all(Vocabulary vocabulary, LeadingSpace space) {
        return of(vocabulary, space, IntStream.range(0, vocabulary.size()));
    }

    /** Of tokens with the same bytes only the one that counts, as in {@link VocabularyMap}. */
    static SortedTokens distinct(Vocabulary vocabulary, LeadingSpace space) {
        VocabularyMap own = VocabularyMap.between(vocabulary, vocabulary, new FirstTokens(space, space));
        return of(vocabulary, space, IntStream.range(0, vocabulary.size()).filter(id -> own.student(id) == id));
    }

    private static SortedTokens of(Vocabulary vocabulary, LeadingSpace space, IntStream chosen) {
        byte[][] spelled = new byte[vocabulary.size()][];
        Integer[] sorted = chosen.filter(id -> vocabulary.kind(id) == TokenKind.TEXT)
                .peek(id -> spelled[id] = read(vocabulary.bytes(id), space))
                .filter(id -> spelled[id].length > 0)
                .boxed()
                .toArray(Integer[]::new);
        Arrays.sort(sorted, (a, b) -> Arrays.compareUnsigned(spelled[a], spelled[b]));
        int[] ids = Arrays.stream(sorted).mapToInt(Integer::intValue).toArray();
        return new SortedTokens(Arrays.stream(ids).mapToObj(id -> spelled[id]).toArray(byte[][]::new), ids);
    }

    private static byte[] read(byte[] bytes, LeadingSpace space) {
        boolean isDropped = space == LeadingSpace.DROPPED && bytes.length > 0 && bytes[0] == ' ';
        return isDropped ? Arrays.copyOfRange(bytes, 1, bytes.length) : bytes;
    }

    int size() {
        return ids.length;
    }

    int id(int rank) {
        return ids[rank];
    }

    int length(int rank) {
        return spellings[rank].length;
    }

    int byteAt(int rank, int depth) {
        return spellings[rank][depth] & 0xFF;
    }

    /**
     * The first rank of [low, high) whose byte at {@code depth} is {@code value} or more, else high; the range must begin alike
     * up to depth.
     */
    int firstFrom(int low, int high, int depth, int value) {
        int from = low;
        int to = high;
        while (from < to) {
            int middle = (from + to) >>> 1;
            boolean isBefore = length(middle) == depth || byteAt(middle, depth) < value;
            if (isBefore) {
                from = middle + 1;
            } else {
                to = middle;
            }
        }
        return from;
    }
}
