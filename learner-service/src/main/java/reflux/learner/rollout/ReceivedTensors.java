// SPDX-License-Identifier: Apache-2.0
package reflux.learner.rollout;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import reflux.model.engine.DataType;
import reflux.model.safetensors.TensorInfo;
import reflux.model.safetensors.TensorSource;
import reflux.v1.TensorHeader;
import reflux.wire.TensorAssembler;

/** Tensors that came over the wire, as a source like a file. */
final class ReceivedTensors implements TensorSource {
    private final TensorAssembler assembler;
    private final Map<String, TensorInfo> infos = new LinkedHashMap<>();

    ReceivedTensors(TensorAssembler assembler) {
        this.assembler = assembler;
        for (TensorHeader header : assembler.headers()) {
            infos.put(header.getName(), TensorInfo.of(header.getName(), type(header), header.getShapeList()));
        }
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
            throw new NoSuchElementException("no tensor " + name + " was announced");
        }
        return info;
    }

    @Override
    public ByteBuffer bytes(String name) {
        return assembler.tensor(name).asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
    }

    @Override
    public ByteBuffer bytes(String name, long offset, int length) {
        return bytes(name).slice(Math.toIntExact(offset), length).order(ByteOrder.LITTLE_ENDIAN);
    }

    @Override
    public void close() {}

    static DataType type(TensorHeader header) {
        return switch (header.getType()) {
            case DATA_TYPE_F32 -> DataType.F32;
            case DATA_TYPE_F16 -> DataType.F16;
            case DATA_TYPE_BF16 -> DataType.BF16;
            case DATA_TYPE_I32 -> DataType.I32;
            case DATA_TYPE_I64 -> DataType.I64;
            case DATA_TYPE_U8 -> DataType.U8;
            case DATA_TYPE_UNSPECIFIED, UNRECOGNIZED ->
                throw new IllegalArgumentException("tensor " + header.getName() + " is announced without a type");
        };
    }
}
