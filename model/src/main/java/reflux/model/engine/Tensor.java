// SPDX-License-Identifier: Apache-2.0
package reflux.model.engine;

import ai.djl.pytorch.jni.TorchBridge;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A native array, owned by one {@link Scope} and usable only on that scope's engine thread: any other thread, and any use after
 * close, gets an IllegalStateException.
 */
public final class Tensor implements AutoCloseable {
    private final Engine engine;
    private final long[] shape;
    private @Nullable DataType type;
    private long handle;
    private Scope owner;
    private @Nullable ByteBuffer memory;

    Tensor(Scope owner, long handle) {
        this.owner = owner;
        this.engine = owner.engine();
        this.handle = handle;
        this.shape = TorchBridge.shape(handle);
    }

    public DataType type() {
        DataType known = type;
        if (known == null) {
            known = engine.typeOf(this);
            type = known;
        }
        return known;
    }

    public long[] shape() {
        return shape.clone();
    }

    /** Length of an axis; negative axes count from the end. */
    public long size(int axis) {
        return shape[axis < 0 ? shape.length + axis : axis];
    }

    /** Number of elements. */
    public long count() {
        return Arrays.stream(shape).reduce(1, (a, b) -> a * b);
    }

    /**
     * An alias of the memory (little-endian), valid while this tensor is open; on a GPU a copy.
     *
     * @throws IllegalStateException if the elements do not lie in order (a transposed view) or are more than 2 GiB
     */
    public ByteBuffer bytes() {
        if (count() * type().bytes() > Integer.MAX_VALUE) {
            throw new IllegalStateException("tensor of shape " + Arrays.toString(shape) + " has more than 2 GiB");
        }
        return engine.bytes(this);
    }

    /** A host copy, converted to float. */
    public float[] floats() {
        try (Scope scope = engine.scope().child()) {
            float[] values = new float[Math.toIntExact(count())];
            engine.host(scope, this, DataType.F32).bytes().asFloatBuffer().get(values);
            return values;
        }
    }

    /** A host copy, converted to double. */
    public double[] doubles() {
        try (Scope scope = engine.scope().child()) {
            double[] values = new double[Math.toIntExact(count())];
            engine.host(scope, this, DataType.F64).bytes().asDoubleBuffer().get(values);
            return values;
        }
    }

    /** A host copy, converted to long. */
    public long[] longs() {
        try (Scope scope = engine.scope().child()) {
            long[] values = new long[Math.toIntExact(count())];
            engine.host(scope, this, DataType.I64).bytes().asLongBuffer().get(values);
            return values;
        }
    }

    /** The value of a tensor with one element. */
    public double item() {
        if (count() != 1) {
            throw new IllegalStateException("item() of a tensor of shape " + Arrays.toString(shape));
        }
        return doubles()[0];
    }

    @Override
    public void close() {
        if (handle != 0) {
            owner.forget(this);
            release();
        }
    }

    /** Makes this a leaf whose gradient is accumulated, and returns that gradient (zeros now), owned by the same scope. */
    public Tensor requireGradient() {
        TorchBridge.requireGradient(handle());
        try (Scope scope = engine.scope().child()) {
            Tensor touched = engine.recording(() -> engine.primitives().call(scope, "touch", this));
            engine.backward(touched, engine.primitives().call(scope, "ones", touched));
        }
        return owner.adopt(TorchBridge.gradient(handle));
    }

    long handle() {
        engine.check();
        if (handle == 0) {
            throw new IllegalStateException("tensor of shape " + Arrays.toString(shape) + " is closed");
        }
        return handle;
    }

    /** Java's memory that this tensor lies in is not collected before it. */
    Tensor keepAlive(ByteBuffer lent) {
        memory = lent;
        return this;
    }

    Scope owner() {
        return owner;
    }

    void moveTo(Scope newOwner) {
        owner = newOwner;
    }

    void release() {
        engine.check();
        long old = handle;
        handle = 0;
        engine.released();
        TorchBridge.deleteTensor(old);
    }
}
