// SPDX-License-Identifier: Apache-2.0
package reflux.learner.loss;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A run of rows whose logits exist at one time. */
public record Chunk(int start, int size) {

    /** Cuts {@code rows} rows into runs of at most {@code limit}. */
    public static List<Chunk> of(int rows, int limit) {
        List<Chunk> chunks = new ArrayList<>();
        for (int start = 0; start < rows; start += limit) {
            chunks.add(new Chunk(start, Math.min(limit, rows - start)));
        }
        return chunks;
    }

    /** This run of an array. */
    public int[] cut(int[] values) {
        return Arrays.copyOfRange(values, start, start + size);
    }
}
