// SPDX-License-Identifier: Apache-2.0
package reflux.learner.publish;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import reflux.model.hf.LoraConfig;
import reflux.model.safetensors.TensorInfo;

/**
 * A version's weights in host memory. Nobody writes the buffers after it was made, until it is released.
 *
 * @param tensors in Hugging Face's names, of an adapter in PEFT's, in the order of their bytes
 * @param bytes of each tensor, little-endian
 * @param adapter what these tensors are an adapter of; empty if they are a whole model's
 * @param release called once, by whoever takes the snapshot over, when nobody reads the buffers any more
 */
public record WeightSnapshot(
        long version, List<TensorInfo> tensors, List<ByteBuffer> bytes, Optional<AdapterOf> adapter, Runnable release) {
    /**
     * A LoRA adapter's shape and base.
     *
     * @param baseFingerprint see {@link reflux.model.hf.WeightsFingerprint}
     */
    public record AdapterOf(LoraConfig config, String baseFingerprint) {}

    public WeightSnapshot {
        tensors = List.copyOf(tensors);
        bytes = List.copyOf(bytes);
        if (tensors.size() != bytes.size()) {
            throw new IllegalArgumentException(tensors.size() + " tensors have " + bytes.size() + " buffers");
        }
    }

    /** A whole model's weights, in memory that is nobody else's. */
    public WeightSnapshot(long version, List<TensorInfo> tensors, List<ByteBuffer> bytes) {
        this(version, tensors, bytes, Optional.empty(), () -> {});
    }

    public long totalBytes() {
        return tensors.stream().mapToLong(TensorInfo::bytes).sum();
    }
}
