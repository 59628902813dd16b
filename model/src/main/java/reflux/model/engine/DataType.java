// SPDX-License-Identifier: Apache-2.0
package reflux.model.engine;

/** Element type of a native array. */
public enum DataType {
    F64(8, 7),
    F32(4, 6),
    F16(2, 5),
    BF16(2, 15),
    I64(8, 4),
    I32(4, 3),
    I16(2, 2),
    I8(1, 1),
    U8(1, 0),
    BOOL(1, 11);

    private final int bytes;
    private final int torchCode;

    DataType(int bytes, int torchCode) {
        this.bytes = bytes;
        this.torchCode = torchCode;
    }

    /** Bytes of one element. */
    public int bytes() {
        return bytes;
    }

    /** The number that TorchScript uses for this type, as in {@code x.to(6)}. */
    public int torchCode() {
        return torchCode;
    }

    static DataType ofTorchCode(long code) {
        for (DataType type : values()) {
            if (type.torchCode == code) {
                return type;
            }
        }
        throw new IllegalArgumentException("no data type for torch's scalar type " + code);
    }
}
