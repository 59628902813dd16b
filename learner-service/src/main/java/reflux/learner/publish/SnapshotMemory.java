// SPDX-License-Identifier: Apache-2.0
package reflux.learner.publish;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import reflux.model.safetensors.TensorInfo;

/**
 * Direct memory for snapshots of one student, taken when there is none free and kept for the next version: one set, or two where
 * a version is made while another is sent. Thread-safe.
 */
public final class SnapshotMemory {
    private final Deque<List<ByteBuffer>> free = new ArrayDeque<>();

    /** A buffer for each tensor, always the same tensors, with old bytes in it. */
    public List<ByteBuffer> take(List<TensorInfo> tensors) {
        synchronized (this) {
            List<ByteBuffer> kept = free.poll();
            if (kept != null) {
                kept.forEach(ByteBuffer::clear);
                return kept;
            }
        }
        return tensors.stream()
                .map(info -> ByteBuffer.allocateDirect(Math.toIntExact(info.bytes())))
                .toList();
    }

    /** Nobody reads these any more. */
    public synchronized void giveBack(List<ByteBuffer> buffers) {
        free.add(buffers);
    }
}
