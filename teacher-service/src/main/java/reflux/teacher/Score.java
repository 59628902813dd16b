// SPDX-License-Identifier: Apache-2.0
package reflux.teacher;

import java.nio.ByteBuffer;
import java.util.List;

/** What the model said of one item: the bytes of each announced tensor, in order. Immutable, on the heap. */
record Score(List<ByteBuffer> tensors) {

    Score {
        tensors = tensors.stream().map(ByteBuffer::asReadOnlyBuffer).toList();
    }

    long bytes() {
        return tensors.stream().mapToLong(ByteBuffer::capacity).sum();
    }
}
