// SPDX-License-Identifier: Apache-2.0
package reflux.rpc;

import java.nio.ByteBuffer;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Direct memory for messages on their way to the socket, taken on first use and kept: 64 pieces of 257 KiB for the whole process.
 * Without it Netty takes memory for each message, and copies one that lies in pieces twice. Thread-safe.
 */
final class FrameMemory {
    /** A frame of the contract with its head. */
    static final int PIECE_BYTES = 257 << 10;

    private static final int MOST_PIECES = 64;
    private static final ConcurrentLinkedQueue<ByteBuffer> FREE = new ConcurrentLinkedQueue<>();
    private static final AtomicInteger MADE = new AtomicInteger();

    private FrameMemory() {}

    /** An empty piece; null if so many bytes are no piece, or all are on their way. */
    static @Nullable ByteBuffer take(int bytes) {
        if (bytes > PIECE_BYTES) {
            return null;
        }
        ByteBuffer free = FREE.poll();
        if (free != null) {
            return free.clear();
        }
        if (MADE.incrementAndGet() > MOST_PIECES) {
            MADE.decrementAndGet();
            return null;
        }
        return ByteBuffer.allocateDirect(PIECE_BYTES);
    }

    /** Nobody reads the piece any more. */
    static void giveBack(ByteBuffer piece) {
        FREE.add(piece);
    }
}
