// SPDX-License-Identifier: Apache-2.0
package reflux.model.safetensors;

import static java.util.Objects.requireNonNull;

import java.util.List;
import reflux.model.engine.DataType;

/**
 * Name, type and shape of one stored tensor. A shape of no axes is a scalar.
 *
 * @param bytes size of the data, {@code product(shape) * type.bytes()}
 */
public record TensorInfo(String name, DataType type, List<Long> shape, long bytes) {
    public TensorInfo {
        requireNonNull(name, "name is null");
        requireNonNull(type, "type is null");
        shape = List.copyOf(shape);
        long expected = sizeOf(type, shape);
        if (bytes != expected) {
            throw new IllegalArgumentException("bytes must be " + expected + " for " + type + shape + ", was " + bytes);
        }
    }

    /** Of a type and a shape, with the size computed; throws {@code ArithmeticException} when it passes 2^63. */
    public static TensorInfo of(String name, DataType type, List<Long> shape) {
        return new TensorInfo(name, type, shape, sizeOf(type, shape));
    }

    /** Number of elements. */
    public long count() {
        return bytes / type.bytes();
    }

    private static long sizeOf(DataType type, List<Long> shape) {
        long size = shape.contains(0L) ? 0 : type.bytes();
        for (long axis : shape) {
            if (axis < 0) {
                throw new IllegalArgumentException("an axis must be >= 0, was " + axis);
            }
            size = size == 0 ? 0 : Math.multiplyExact(size, axis);
        }
        return size;
    }
}
