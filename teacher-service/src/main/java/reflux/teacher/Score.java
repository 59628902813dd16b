// SPDX-License-Identifier: Apache-2.0
package reflux.teacher;

import java.nio.ByteBuffer;
import java.util.List;

/** What the model said of one item: the bytes of each announced tensor, in order. On the heap; nobody writes them again. */
record Score(List<ByteBuffer> tensors) {

    Score {
        tensors = List.copyOf(tensors);
    }

    long bytes() {
        return tensors.stream().mapToLong(ByteBuffer::capacity).sum();
    }
}
