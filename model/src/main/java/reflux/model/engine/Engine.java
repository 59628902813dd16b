// SPDX-License-Identifier: Apache-2.0
package reflux.model.engine;

import ai.djl.pytorch.jni.JniUtils;
import ai.djl.pytorch.jni.TorchBridge;
import java.nio.ByteBuffer;
import java.util.concurrent.Callable;

/** What a task sees of its {@link EngineThread}; any use from another thread throws an IllegalStateException. */
public final class Engine {
    private final Thread thread;
    private final String device;
    private final MatmulPrecision matmulPrecision;
    private final Scope scope;
    private final Script primitives;
    private final boolean multipliesBf16;
    private long openTensors;

    Engine(Thread thread, EngineSettings settings) {
        this.thread = thread;
        this.device = settings.device();
        this.matmulPrecision = settings.matmulPrecision();
        this.scope = new Scope(this, null);
        this.primitives = Script.load(this, Engine.class, "primitives.py");
        this.multipliesBf16 = !onCpu() || hasBf16Instructions();
    }

    private boolean hasBf16Instructions() {
        try {
            primitives.run("bf16_layout");
            return true;
        } catch (ScriptException none) {
            return false;
        }
    }

    /** The thread's root scope, which lives as long as the engine thread. */
    public Scope scope() {
        check();
        return scope;
    }

    public boolean onCpu() {
        return device.equals("cpu");
    }

    /** "cpu" or "cuda:0". */
    public String device() {
        return device;
    }

    public MatmulPrecision matmulPrecision() {
        return matmulPrecision;
    }

    /** Whether the device multiplies bf16 itself; a CPU without such instructions is ten times slower at it than in f32. */
    public boolean multipliesBf16() {
        return multipliesBf16;
    }

    /** Tensors of this thread that are open now: a step that leaves none behind does not change it. */
    public long openTensors() {
        return openTensors;
    }

    /** Runs work with autograd recording on; it is off otherwise. */
    public <T> T recording(Callable<T> work) {
        check();
        boolean before = JniUtils.isGradMode();
        JniUtils.setGradMode(true);
        try {
            return work.call();
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        } finally {
            JniUtils.setGradMode(before);
        }
    }

    /** Whether autograd is on now. */
    public boolean isRecording() {
        check();
        return JniUtils.isGradMode();
    }

    /** Adds d(sum(output * gradient)) to the gradients of the leaves, in place, and frees the graph. */
    public void backward(Tensor output, Tensor gradient) {
        TorchBridge.backward(output.handle(), gradient.handle());
    }

    /** Copies the elements of one tensor over those of another of the same shape, converting the type. */
    public void copy(Tensor from, Tensor to) {
        primitives.run("copy", from, to);
    }

    /** A copy with another element type. */
    public Tensor convert(Scope out, Tensor tensor, DataType type) {
        return primitives.call(out, "convert", tensor, type.torchCode());
    }

    void check() {
        if (Thread.currentThread() != thread) {
            throw new IllegalStateException("native arrays of " + thread.getName() + " were touched by "
                    + Thread.currentThread().getName());
        }
    }

    Script primitives() {
        return primitives;
    }

    /** DJL knows no bf16 and no int16; script does. */
    DataType typeOf(Tensor tensor) {
        return DataType.ofTorchCode(primitives.integer("scalar_type", tensor));
    }

    ByteBuffer bytes(Tensor tensor) {
        if (!onCpu()) {
            Tensor host = host(scope, tensor, tensor.type());
            try (host) {
                ByteBuffer copy = ByteBuffer.allocateDirect(
                                (int) (tensor.count() * tensor.type().bytes()))
                        .order(java.nio.ByteOrder.LITTLE_ENDIAN);
                return copy.put(TorchBridge.alias(host.handle())).flip();
            }
        }
        if (primitives.integer("is_plain", tensor) == 0) {
            throw new IllegalStateException("the elements do not lie in order; make the tensor contiguous first");
        }
        return TorchBridge.alias(tensor.handle());
    }

    /** The tensor itself where it is plain host memory of that type already, else a copy. */
    Tensor host(Scope out, Tensor tensor, DataType type) {
        return primitives.call(out, "host", tensor, type.torchCode());
    }

    void opened() {
        openTensors++;
    }

    void released() {
        openTensors--;
    }

    void close() {
        scope.close();
        primitives.close();
    }
}
