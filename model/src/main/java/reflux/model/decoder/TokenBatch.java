// SPDX-License-Identifier: Apache-2.0
package reflux.model.decoder;

import java.util.List;

/** B token sequences, right-padded with id 0 to the longest. */
public final class TokenBatch {
    private final int width;
    private final int[] lengths;
    private final int[] ids;

    private TokenBatch(int width, int[] lengths, int[] ids) {
        this.width = width;
        this.lengths = lengths;
        this.ids = ids;
    }

    /** At least one sequence, none of them empty. */
    public static TokenBatch of(List<int[]> sequences) {
        int width = sequences.stream().mapToInt(ids -> ids.length).max().orElse(0);
        int[] lengths = new int[sequences.size()];
        int[] ids = new int[Math.multiplyExact(lengths.length, width)];
        for (int row = 0; row < lengths.length; row++) {
            int[] sequence = sequences.get(row);
            if (sequence.length == 0) {
                throw new IllegalArgumentException("sequence " + row + " is empty");
            }
            lengths[row] = sequence.length;
            System.arraycopy(sequence, 0, ids, row * width, sequence.length);
        }
        if (lengths.length == 0) {
            throw new IllegalArgumentException("no sequences");
        }
        return new TokenBatch(width, lengths, ids);
    }

    /** B. */
    public int rows() {
        return lengths.length;
    }

    /** T, the longest length. */
    public int width() {
        return width;
    }

    /** Tokens of one row, without padding. */
    public int length(int row) {
        return lengths[row];
    }

    /** Row-major [B, T]. */
    public int[] ids() {
        return ids.clone();
    }

    int[] lengths() {
        return lengths;
    }

    int[] sharedIds() {
        return ids;
    }
}
