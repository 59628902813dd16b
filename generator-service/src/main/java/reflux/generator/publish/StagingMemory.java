// SPDX-License-Identifier: Apache-2.0
package reflux.generator.publish;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Direct memory for one set of weights, taken on first use and kept for the next version. Not thread-safe. */
final class StagingMemory {
    private final List<ByteBuffer> free = new ArrayList<>();
    private final List<ByteBuffer> taken = new ArrayList<>();

    /** A buffer of this size, with old bytes in it. */
    ByteBuffer take(int bytes) {
        for (int i = 0; i < free.size(); i++) {
            if (free.get(i).capacity() == bytes) {
                ByteBuffer found = free.remove(i);
                taken.add(found);
                return found.clear();
            }
        }
        ByteBuffer fresh = ByteBuffer.allocateDirect(bytes);
        taken.add(fresh);
        return fresh;
    }

    /** Takes all buffers back; those that the last version did not need are let go. */
    void recycle() {
        free.clear();
        free.addAll(taken);
        taken.clear();
    }
}
