// SPDX-License-Identifier: Apache-2.0
package reflux.learner.publish;

import java.nio.ByteBuffer;
import java.util.List;
import reflux.model.safetensors.TensorInfo;

/**
 * A version's weights in host memory. Nobody writes the buffers after it was made.
 *
 * @param tensors in Hugging Face's names, in the order of their bytes
 * @param bytes of each tensor, little-endian
 */
public record WeightSnapshot(long version, List<TensorInfo> tensors, List<ByteBuffer> bytes) {
    public WeightSnapshot {
        tensors = List.copyOf(tensors);
        bytes = List.copyOf(bytes);
        if (tensors.size() != bytes.size()) {
            throw new IllegalArgumentException(tensors.size() + " tensors have " + bytes.size() + " buffers");
        }
    }

    public long totalBytes() {
        return tensors.stream().mapToLong(TensorInfo::bytes).sum();
    }
}
