// SPDX-License-Identifier: Apache-2.0
package reflux.model.engine;

import ai.djl.pytorch.jni.TorchBridge;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** Owner of tensors: closing it closes every tensor and every child scope in it. Confined to its engine thread. */
public final class Scope implements AutoCloseable {
    private final Engine engine;
    private final @Nullable Scope parent;
    private final Set<Tensor> tensors = new HashSet<>();
    private final Set<Scope> children = new HashSet<>();
    private final Set<TensorList> lists = new HashSet<>();
    private boolean closed;

    Scope(Engine engine, @Nullable Scope parent) {
        this.engine = engine;
        this.parent = parent;
    }

    public Scope child() {
        checkOpen();
        Scope child = new Scope(engine, this);
        children.add(child);
        return child;
    }

    public Tensor floats(float[] values, long... shape) {
        return fill(DataType.F32, values.length, shape, to -> to.asFloatBuffer().put(values));
    }

    public Tensor doubles(double[] values, long... shape) {
        return fill(
                DataType.F64, values.length, shape, to -> to.asDoubleBuffer().put(values));
    }

    public Tensor longs(long[] values, long... shape) {
        return fill(DataType.I64, values.length, shape, to -> to.asLongBuffer().put(values));
    }

    /** Ids: the tensor is I64. */
    public Tensor ints(int[] values, long... shape) {
        long[] wide = new long[values.length];
        for (int i = 0; i < wide.length; i++) {
            wide[i] = values[i];
        }
        return longs(wide, shape);
    }

    /** Memory as it comes. */
    public Tensor empty(DataType type, long... shape) {
        return engine.primitives().call(this, "empty", shape, type.torchCode(), engine.device());
    }

    public Tensor zeros(DataType type, long... shape) {
        return engine.primitives().call(this, "zeros", shape, type.torchCode(), engine.device());
    }

    /** A copy of little-endian elements. */
    public Tensor copyOf(DataType type, ByteBuffer littleEndian, long... shape) {
        int bytes = type.bytes();
        if (littleEndian.remaining() % bytes != 0) {
            throw new IllegalArgumentException(littleEndian.remaining() + " bytes are no whole number of " + type);
        }
        return fill(type, littleEndian.remaining() / bytes, shape, to -> to.put(littleEndian.duplicate()));
    }

    /** A tensor whose little-endian elements are written by the filler, which is not called if there are none. */
    public Tensor filled(DataType type, Consumer<ByteBuffer> filler, long... shape) {
        long count = LongStream.of(shape).reduce(1, Math::multiplyExact);
        return fill(type, count, shape, filler);
    }

    /**
     * Little-endian elements to be read only: floats that lie in direct memory, at a multiple of four bytes, and beside no GPU stay
     * there, and may not change until the tensor is closed; of others this is a copy.
     */
    public Tensor over(DataType type, ByteBuffer littleEndian, long... shape) {
        ByteBuffer memory = littleEndian.slice();
        boolean stays = type == DataType.F32 && memory.isDirect() && memory.hasRemaining() && engine.onCpu();
        if (!stays || memory.alignmentOffset(0, Float.BYTES) != 0) {
            return copyOf(type, littleEndian, shape);
        }
        checkCount(memory.remaining() / Float.BYTES, shape);
        return adopt(TorchBridge.over(memory, shape)).keepAlive(memory);
    }

    /** Moves the tensor (not its siblings) from its scope into this one. */
    public Tensor keep(Tensor tensor) {
        checkOpen();
        tensor.handle();
        tensor.owner().forget(tensor);
        tensor.moveTo(this);
        tensors.add(tensor);
        return tensor;
    }

    /** Closes the list with this scope. */
    public TensorList own(TensorList list) {
        checkOpen();
        lists.add(list);
        return list;
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        engine.check();
        closed = true;
        List.copyOf(children).forEach(Scope::close);
        lists.forEach(TensorList::close);
        tensors.forEach(Tensor::release);
        tensors.clear();
        if (parent != null) {
            parent.children.remove(this);
        }
    }

    Engine engine() {
        return engine;
    }

    Tensor adopt(long handle) {
        if (closed) {
            TorchBridge.deleteTensor(handle);
        }
        checkOpen();
        Tensor tensor = new Tensor(this, handle);
        engine.opened();
        tensors.add(tensor);
        return tensor;
    }

    void forget(Tensor tensor) {
        tensors.remove(tensor);
    }

    private void checkOpen() {
        engine.check();
        if (closed) {
            throw new IllegalStateException("scope is closed");
        }
    }

    private Tensor fill(DataType type, long count, long[] shape, Consumer<ByteBuffer> filler) {
        checkCount(count, shape);
        Script primitives = engine.primitives();
        Tensor host = primitives.call(this, "empty", shape, type.torchCode(), "cpu");
        if (count > 0) {
            filler.accept(host.bytes());
        }
        if (engine.onCpu()) {
            return host;
        }
        try (host) {
            return primitives.call(this, "to_device", host, engine.device());
        }
    }

    private static void checkCount(long count, long[] shape) {
        long expected = 1;
        for (long size : shape) {
            expected = Math.multiplyExact(expected, size);
        }
        if (expected != count) {
            throw new IllegalArgumentException(count + " values given for shape " + java.util.Arrays.toString(shape));
        }
    }
}
