// SPDX-License-Identifier: Apache-2.0
package reflux.learner.loss;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A run of rows whose logits exist at one time. */
public record Chunk(int start, int size) {
    private static final int MOST_ROWS = 1024;
    private static final int LEAST_ROWS = 96; // a product of fewer waits for the head's bytes
    private static final long MOST_LOGITS = 1L << 23; // 32 MiB in f32

    /** Cuts {@code rows} rows into runs of at most {@code limit}. */
    public static List<Chunk> of(int rows, int limit) {
        List<Chunk> chunks = new ArrayList<>();
        for (int start = 0; start < rows; start += limit) {
            chunks.add(new Chunk(start, Math.min(limit, rows - start)));
        }
        return chunks;
    }

    /** Cuts {@code rows} rows of {@code columns} logits into runs of 32 MiB in f32, but of 96 rows at least and 1,024 at most. */
    public static List<Chunk> ofLogits(int rows, long columns) {
        return ofLogits(rows, columns, MOST_LOGITS);
    }

    /** The same in runs of 64 MiB, which are multiplied faster: for rows that are few. */
    static List<Chunk> ofFewLogits(int rows, long columns) {
        return ofLogits(rows, columns, 2 * MOST_LOGITS);
    }

    private static List<Chunk> ofLogits(int rows, long columns, long mostLogits) {
        return of(rows, (int) Math.max(LEAST_ROWS, Math.min(MOST_ROWS, mostLogits / Math.max(1, columns))));
    }

    /** This run of an array. */
    public int[] cut(int[] values) {
        return Arrays.copyOfRange(values, start, start + size);
    }
}
