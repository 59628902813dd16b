// SPDX-License-Identifier: Apache-2.0
package reflux.rpc;

import java.nio.ByteBuffer;

/**
 * Small pieces of direct memory, cut one after another from slabs that are collected when their last piece is. A message goes to
 * the socket without a copy only if all of it is direct.
 */
final class DirectHeads {
    private static final int SLAB_BYTES = 64 << 10;
    private static final ThreadLocal<ByteBuffer> SLAB = ThreadLocal.withInitial(() -> ByteBuffer.allocate(0));

    private DirectHeads() {}

    /** The bytes from position to limit, in direct memory. */
    static ByteBuffer copy(ByteBuffer head) {
        int size = head.remaining();
        ByteBuffer slab = SLAB.get();
        if (slab.remaining() < size) {
            slab = ByteBuffer.allocateDirect(Math.max(SLAB_BYTES, size));
            SLAB.set(slab);
        }
        ByteBuffer piece =
                slab.slice(slab.position(), size).put(head.duplicate()).flip();
        slab.position(slab.position() + size);
        return piece;
    }
}
