// SPDX-License-Identifier: Apache-2.0
package reflux.model.engine;

import ai.djl.pytorch.jni.TorchBridge;
import java.util.List;

/**
 * A List[Tensor] argument that is built once and passed many times (weights, optimiser state). It shares the tensors' memory, so
 * changes in place are seen; it does not own the tensors, but keeps their memory alive until closed.
 */
public final class TensorList implements AutoCloseable {
    private final List<Tensor> tensors;
    private long value;

    private TensorList(List<Tensor> tensors) {
        this.tensors = List.copyOf(tensors);
        this.value =
                TorchBridge.valueOf(tensors.stream().mapToLong(Tensor::handle).toArray());
    }

    public static TensorList of(List<Tensor> tensors) {
        EngineThread.checkCurrent();
        return new TensorList(tensors);
    }

    public int size() {
        return tensors.size();
    }

    public Tensor get(int index) {
        return tensors.get(index);
    }

    long value() {
        if (value == 0) {
            throw new IllegalStateException("tensor list is closed");
        }
        return value;
    }

    @Override
    public void close() {
        if (value != 0) {
            TorchBridge.deleteValue(value);
            value = 0;
        }
    }
}
