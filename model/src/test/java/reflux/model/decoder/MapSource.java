// SPDX-License-Identifier: Apache-2.0
package reflux.model.decoder;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import reflux.model.engine.DataType;
import reflux.model.safetensors.TensorInfo;
import reflux.model.safetensors.TensorSource;

/** Tensors in memory. */
final class MapSource implements TensorSource {
    private final Map<String, TensorInfo> infos = new LinkedHashMap<>();
    private final Map<String, ByteBuffer> data = new LinkedHashMap<>();

    void put(String name, double[] values, long... shape) {
        ByteBuffer bytes = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asDoubleBuffer().put(values);
        put(name, DataType.F64, bytes, shape);
    }

    void put(String name, DataType type, ByteBuffer bytes, long... shape) {
        infos.put(name, TensorInfo.of(name, type, Arrays.stream(shape).boxed().toList()));
        data.put(name, bytes);
    }

    void rename(String from, String to) {
        TensorInfo info = infos.remove(from);
        infos.put(to, TensorInfo.of(to, info.type(), info.shape()));
        data.put(to, data.remove(from));
    }

    void remove(String name) {
        infos.remove(name);
        data.remove(name);
    }

    @Override
    public List<TensorInfo> tensors() {
        return List.copyOf(infos.values());
    }

    @Override
    public boolean has(String name) {
        return infos.containsKey(name);
    }

    @Override
    public TensorInfo info(String name) {
        TensorInfo info = infos.get(name);
        if (info == null) {
            throw new NoSuchElementException(name);
        }
        return info;
    }

    @Override
    public ByteBuffer bytes(String name) {
        return bytes(name, 0, (int) info(name).bytes());
    }

    @Override
    public ByteBuffer bytes(String name, long offset, int length) {
        info(name);
        return data.get(name).slice((int) offset, length).asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
    }

    @Override
    public void close() {}
}
