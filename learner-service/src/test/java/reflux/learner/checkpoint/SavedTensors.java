// SPDX-License-Identifier: Apache-2.0
package reflux.learner.checkpoint;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import reflux.model.safetensors.TensorInfo;
import reflux.model.safetensors.TensorSource;

/** Copies of tensors, as a checkpoint gives them back. */
public final class SavedTensors implements TensorSource {
    private final List<TensorInfo> infos;
    private final Map<String, ByteBuffer> bytes;

    private SavedTensors(List<TensorInfo> infos, Map<String, ByteBuffer> bytes) {
        this.infos = infos;
        this.bytes = bytes;
    }

    public static SavedTensors of(List<TensorInfo> infos, Function<String, ByteBuffer> source) {
        Map<String, ByteBuffer> bytes = new HashMap<>();
        for (TensorInfo info : infos) {
            ByteBuffer copy = ByteBuffer.allocate((int) info.bytes()).order(ByteOrder.LITTLE_ENDIAN);
            bytes.put(info.name(), copy.put(source.apply(info.name())).flip());
        }
        return new SavedTensors(infos, bytes);
    }

    /** The same bytes, said to be something else. */
    public SavedTensors describedAs(List<TensorInfo> others) {
        return new SavedTensors(others, bytes);
    }

    public SavedTensors without(String name) {
        Map<String, ByteBuffer> others = new HashMap<>(bytes);
        others.remove(name);
        return new SavedTensors(infos, others);
    }

    public Map<String, ByteBuffer> bytes() {
        return bytes;
    }

    @Override
    public List<TensorInfo> tensors() {
        return infos;
    }

    @Override
    public boolean has(String name) {
        return bytes.containsKey(name);
    }

    @Override
    public TensorInfo info(String name) {
        return infos.stream()
                .filter(info -> info.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Override
    public ByteBuffer bytes(String name) {
        return bytes.get(name).duplicate().order(ByteOrder.LITTLE_ENDIAN);
    }

    @Override
    public ByteBuffer bytes(String name, long offset, int length) {
        return bytes(name).slice((int) offset, length).order(ByteOrder.LITTLE_ENDIAN);
    }

    @Override
    public void close() {}
}
