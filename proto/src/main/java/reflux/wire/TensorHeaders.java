// SPDX-License-Identifier: Apache-2.0
package reflux.wire;

import java.util.List;
import reflux.v1.DataType;
import reflux.v1.TensorHeader;

/** Announcements of tensors: how they are made and what is checked of received ones. */
public final class TensorHeaders {
    /** Longest tensor name, in characters. */
    public static final int MAX_NAME = 512;

    /** Most dimensions of a tensor. */
    public static final int MAX_DIMENSIONS = 8;

    private TensorHeaders() {}

    /** Announces a tensor; its bytes are the product of the shape times the element size. */
    public static TensorHeader of(String name, DataType type, long... shape) {
        TensorHeader.Builder header = TensorHeader.newBuilder().setName(name).setType(type);
        for (long size : shape) {
            header.addShape(size);
        }
        header.setBytes(byteSize(type, header.getShapeList()));
        return check(header.build());
    }

    /**
     * Returns the header if name, shape and bytes agree.
     *
     * @throws IllegalArgumentException naming the tensor and the field otherwise
     */
    public static TensorHeader check(TensorHeader header) {
        String name = header.getName();
        if (name.isEmpty() || name.length() > MAX_NAME) {
            throw new IllegalArgumentException(
                    "tensor name must have 1 to " + MAX_NAME + " characters, had " + name.length());
        }
        if (header.getShapeCount() > MAX_DIMENSIONS) {
            throw new IllegalArgumentException("tensor " + name + " must have at most " + MAX_DIMENSIONS
                    + " dimensions, had " + header.getShapeCount());
        }
        long bytes;
        try {
            bytes = byteSize(header.getType(), header.getShapeList());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("tensor " + name + ": " + e.getMessage(), e);
        }
        if (bytes != header.getBytes()) {
            throw new IllegalArgumentException("tensor " + name + " of " + header.getType() + " "
                    + header.getShapeList() + " has " + bytes + " bytes, but "
                    + Long.toUnsignedString(header.getBytes())
                    + " were announced");
        }
        return header;
    }

    /** Bytes of a tensor; an overflowing or negative product is an IllegalArgumentException. */
    static long byteSize(DataType type, List<Long> shape) {
        long bytes = DataTypes.bytes(type);
        boolean empty = shape.contains(0L);
        try {
            for (long size : shape) {
                if (size < 0) {
                    throw new IllegalArgumentException(
                            "shape " + shape + " has the size " + Long.toUnsignedString(size));
                }
                bytes = empty ? 0 : Math.multiplyExact(bytes, size);
            }
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException("shape " + shape + " has more than 2^63 bytes", e);
        }
        return bytes;
    }
}
