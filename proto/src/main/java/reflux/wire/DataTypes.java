// SPDX-License-Identifier: Apache-2.0
package reflux.wire;

import reflux.v1.DataType;

/** Sizes of the element types of the wire. */
public final class DataTypes {
    private DataTypes() {}

    /** Bytes of one element; throws IllegalArgumentException for an unspecified or unknown type. */
    public static int bytes(DataType type) {
        return switch (type) {
            case DATA_TYPE_F32, DATA_TYPE_I32 -> 4;
            case DATA_TYPE_F16, DATA_TYPE_BF16 -> 2;
            case DATA_TYPE_I64 -> 8;
            case DATA_TYPE_U8 -> 1;
            case DATA_TYPE_UNSPECIFIED, UNRECOGNIZED ->
                throw new IllegalArgumentException("data type must be given, was " + type);
        };
    }
}
