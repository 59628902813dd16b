// SPDX-License-Identifier: Apache-2.0
package ai.djl.pytorch.jni;

import ai.djl.Device;
import ai.djl.ndarray.types.DataType;
import ai.djl.pytorch.engine.PtDeviceType;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Raw handles of DJL's PyTorch JNI, which DJL itself keeps package-private (so this class must live in DJL's package, on the
 * class path). No ownership, no checks: {@code reflux.model.engine} adds both and is the only caller.
 */
public final class TorchBridge {
    private static final PyTorchLibrary LIB = PyTorchLibrary.LIB;

    private TorchBridge() {}

    public static long loadModule(byte[] archive) {
        try {
            return JniUtils.loadModuleHandle(new ByteArrayInputStream(archive), Device.cpu(), true, false);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    /** Runs under the calling thread's grad mode (DJL's "train" flag; without it c10 would be in inference mode). */
    public static long runMethod(long module, String method, long[] arguments) {
        return LIB.moduleRunMethod(module, method, arguments, true, false);
    }

    public static void deleteModule(long module) {
        LIB.torchDeleteModule(module);
    }

    public static long valueOf(long tensor) {
        return LIB.iValueFromTensor(tensor);
    }

    public static long valueOf(long[] tensors) {
        return LIB.iValueFromTensorList(tensors);
    }

    public static long valueOfInteger(long value) {
        return LIB.iValueFromLong(value);
    }

    public static long valueOfIntegers(long[] values) {
        return LIB.iValueFromLongList(values);
    }

    public static long valueOfReal(double value) {
        return LIB.iValueFromDouble(value);
    }

    public static long valueOfBoolean(boolean value) {
        return LIB.iValueFromBool(value);
    }

    public static long valueOfString(String value) {
        return LIB.iValueFromString(value);
    }

    public static boolean isTensor(long value) {
        return LIB.iValueIsTensor(value);
    }

    public static boolean isTuple(long value) {
        return LIB.iValueIsTuple(value);
    }

    public static long tensor(long value) {
        return LIB.iValueToTensor(value);
    }

    public static long[] tensors(long value) {
        return LIB.iValueToTensorList(value);
    }

    public static long[] tuple(long value) {
        return LIB.iValueToIValueTuple(value);
    }

    public static long integer(long value) {
        return LIB.iValueToLong(value);
    }

    public static void deleteValue(long value) {
        LIB.torchDeleteIValue(value);
    }

    public static long[] shape(long tensor) {
        return LIB.torchSizes(tensor);
    }

    /** The ordinal in DJL's {@code DataType}; bf16 and int16 are UNKNOWN there. */
    public static int djlType(long tensor) {
        return LIB.torchDType(tensor);
    }

    /** An alias of the memory, little-endian; the tensor must be contiguous, on the CPU and at most 2 GiB. */
    public static ByteBuffer alias(long tensor) {
        return LIB.torchDirectByteBuffer(tensor).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Floats in direct memory as a tensor, which does not keep the memory alive. Of no other type: JNI knows no bf16. */
    public static long over(ByteBuffer floats, long[] shape) {
        int strided = 0;
        int[] cpu = {PtDeviceType.toDeviceType(Device.cpu()), Device.cpu().getDeviceId()};
        return LIB.torchFromBlob(floats, shape, DataType.FLOAT32.ordinal(), strided, cpu, false);
    }

    public static void deleteTensor(long tensor) {
        LIB.torchDeleteTensor(tensor);
    }

    public static void requireGradient(long tensor) {
        LIB.torchAttachGrad(tensor, true);
    }

    /** A new handle of the gradient tensor, which must exist. */
    public static long gradient(long tensor) {
        return LIB.torchGrad(tensor);
    }

    public static void backward(long output, long gradient) {
        LIB.torchBackward(output, gradient, false, false);
    }
}
