// SPDX-License-Identifier: Apache-2.0
package reflux.rpc;

import java.nio.ByteBuffer;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Direct memory of one server or connection for messages on their way to the socket, taken on first use and kept: 32 pieces of
 * 257 KiB. Without it Netty takes memory for each message, and copies one that lies in pieces twice. Thread-safe.
 */
final class FrameMemory {
    /** A frame of the contract with its head. */
    static final int PIECE_BYTES = 257 << 10;

    private static final int MOST_PIECES = 32;
    private static final int SLAB_BYTES = 64 << 10;

    private final ConcurrentLinkedQueue<ByteBuffer> free = new ConcurrentLinkedQueue<>();
    private final AtomicInteger made = new AtomicInteger();
    private ByteBuffer slab = ByteBuffer.allocate(0);

    /** An empty piece; null if so many bytes are no piece, or all are on their way. */
    @Nullable
    ByteBuffer take(int bytes) {
        if (bytes > PIECE_BYTES) {
            return null;
        }
        ByteBuffer kept = free.poll();
        if (kept != null) {
            return kept.clear();
        }
        if (made.incrementAndGet() > MOST_PIECES) {
            made.decrementAndGet();
            return null;
        }
        return ByteBuffer.allocateDirect(PIECE_BYTES);
    }

    /** Nobody reads the piece any more. */
    void giveBack(ByteBuffer piece) {
        free.add(piece);
    }

    /**
     * A few bytes, from position to limit, copied to direct memory, because a message goes to the socket without a copy only if all
     * of it is direct. They are cut from slabs that are collected when their last piece is.
     */
    synchronized ByteBuffer direct(ByteBuffer few) {
        int size = few.remaining();
        if (slab.remaining() < size) {
            slab = ByteBuffer.allocateDirect(Math.max(SLAB_BYTES, size));
        }
        ByteBuffer piece =
                slab.slice(slab.position(), size).put(few.duplicate()).flip();
        slab.position(slab.position() + size);
        return piece;
    }
}
