// SPDX-License-Identifier: Apache-2.0
package reflux.wire;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/**
 * CRC-32C of each piece of 256 KiB of some tensors (a tensor's last may be shorter): what {@link TensorFrames} say of their data, and
 * what a {@link WeightsDigest} is made of. Not thread-safe while it is filled.
 */
public final class PieceSums {
    private static final int PIECE_BYTES = TensorFrames.FRAME_BYTES;

    private static final int[] NONE = {};

    private final int[][] sums;

    /** Nothing is known yet. */
    PieceSums(int tensors) {
        this.sums = new int[tensors][];
        Arrays.fill(sums, NONE);
    }

    /** Of the buffers from position to limit, which stay as they are. Reads all bytes: not for an event loop. */
    public static PieceSums of(List<ByteBuffer> tensors) {
        PieceSums sums = new PieceSums(tensors.size());
        for (int i = 0; i < tensors.size(); i++) {
            ByteBuffer bytes = tensors.get(i).slice();
            sums.add(i, bytes, 0, bytes.limit());
        }
        return sums;
    }

    /** The sum of the piece that begins at this byte of the tensor. */
    int get(int tensor, int offset) {
        return sums[tensor][offset / PIECE_BYTES];
    }

    /**
     * Some bytes more of a tensor are there: of each piece that ends with them the sum is taken.
     *
     * @param bytes the tensor, from byte 0 to its limit
     * @param from all before it are there
     */
    void add(int tensor, ByteBuffer bytes, int from, int to) {
        for (int at = from - from % PIECE_BYTES; at < to; at += PIECE_BYTES) {
            int end = Math.min(bytes.limit(), at + PIECE_BYTES);
            if (end <= to) {
                put(tensor, bytes.limit(), at, TensorFrames.crc32c(bytes.slice(at, end - at)));
            }
        }
    }

    /** The sum of the piece of a tensor of that many bytes which begins at this byte is known already. */
    void put(int tensor, int tensorBytes, int offset, int sum) {
        if (sums[tensor].length == 0) {
            sums[tensor] = new int[Math.toIntExact(((long) tensorBytes + PIECE_BYTES - 1) / PIECE_BYTES)];
        }
        sums[tensor][offset / PIECE_BYTES] = sum;
    }

    /** Of each tensor, in order, its pieces' sums; none of an empty one. */
    int[][] all() {
        return sums;
    }
}
