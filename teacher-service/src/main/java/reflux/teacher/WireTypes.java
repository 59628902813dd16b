// SPDX-License-Identifier: Apache-2.0
package reflux.teacher;

import reflux.model.engine.DataType;

/** Element types of the model library and of the wire, one in terms of the other. */
final class WireTypes {

    private WireTypes() {}

    static DataType toModel(reflux.v1.DataType type) {
        return switch (type) {
            case DATA_TYPE_F32 -> DataType.F32;
            case DATA_TYPE_F16 -> DataType.F16;
            case DATA_TYPE_BF16 -> DataType.BF16;
            case DATA_TYPE_I32 -> DataType.I32;
            case DATA_TYPE_I64 -> DataType.I64;
            case DATA_TYPE_U8 -> DataType.U8;
            case DATA_TYPE_UNSPECIFIED, UNRECOGNIZED ->
                throw new IllegalArgumentException("data type must be given, was " + type);
        };
    }

    static reflux.v1.DataType toWire(DataType type) {
        return switch (type) {
            case F32 -> reflux.v1.DataType.DATA_TYPE_F32;
            case F16 -> reflux.v1.DataType.DATA_TYPE_F16;
            case BF16 -> reflux.v1.DataType.DATA_TYPE_BF16;
            case I32 -> reflux.v1.DataType.DATA_TYPE_I32;
            case I64 -> reflux.v1.DataType.DATA_TYPE_I64;
            case U8 -> reflux.v1.DataType.DATA_TYPE_U8;
            case F64, I16, I8, BOOL -> throw new IllegalArgumentException("the wire has no " + type);
        };
    }
}
