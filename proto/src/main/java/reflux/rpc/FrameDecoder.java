// SPDX-License-Identifier: Apache-2.0
package reflux.rpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import com.google.protobuf.UnsafeByteOperations;
import io.netty.buffer.ByteBuf;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.buffer.BufferInternal;
import io.vertx.grpc.common.CodecException;
import io.vertx.grpc.common.GrpcMessage;
import io.vertx.grpc.common.GrpcMessageDecoder;
import io.vertx.grpc.common.WireFormat;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import reflux.v1.TensorFrame;

/**
 * Reads messages that carry a tensor frame without copying its data, if they are written as {@link FrameEncoder} and protobuf
 * itself write them: the fields in order, the data last. Everything else goes through protobuf.
 */
final class FrameDecoder<T> implements GrpcMessageDecoder<T> {
    private static final int VARINT = 0;
    private static final int LENGTH_DELIMITED = 2;
    private static final int FIXED_32 = 5;
    private static final int TAG_BITS = 3;

    private final GrpcMessageDecoder<T> plain;
    private final Message empty;
    private final FrameFields fields;

    private FrameDecoder(GrpcMessageDecoder<T> plain, Message empty, FrameFields fields) {
        this.plain = plain;
        this.empty = empty;
        this.fields = fields;
    }

    /** The decoder itself if its messages carry no frames. */
    static <T> GrpcMessageDecoder<T> over(GrpcMessageDecoder<T> plain) {
        T nothing;
        try {
            nothing = plain.decode(GrpcMessage.message("identity", WireFormat.PROTOBUF, Buffer.buffer()));
        } catch (CodecException e) {
            return plain;
        }
        if (!(nothing instanceof Message empty)) {
            return plain;
        }
        FrameFields fields = new FrameFields(empty.getDescriptorForType());
        return fields.isEmpty() ? plain : new FrameDecoder<>(plain, empty, fields);
    }

    @Override
    public boolean accepts(WireFormat format) {
        return plain.accepts(format);
    }

    @Override
    @SuppressWarnings("unchecked") // what a builder of the plain decoder's type builds
    public T decode(GrpcMessage message) throws CodecException {
        if (message.format() == WireFormat.PROTOBUF && message.payload().length() > FrameEncoder.LEAST_BYTES) {
            Message read = read(((BufferInternal) message.payload()).getByteBuf());
            if (read != null) {
                return (T) read;
            }
        }
        return plain.decode(message);
    }

    private @Nullable Message read(ByteBuf in) {
        long tag = varint(in);
        FieldDescriptor field = fields.get((int) (tag >>> TAG_BITS));
        if (field == null || (tag & 7) != LENGTH_DELIMITED || varint(in) != in.readableBytes()) {
            return null;
        }
        TensorFrame frame = frame(in);
        return frame == null
                ? null
                : empty.newBuilderForType().setField(field, frame).build();
    }

    private static @Nullable TensorFrame frame(ByteBuf in) {
        TensorFrame.Builder frame = TensorFrame.newBuilder();
        while (in.isReadable()) {
            long tag = varint(in);
            if (tag == tag(TensorFrame.TENSOR_FIELD_NUMBER, VARINT)) {
                frame.setTensor((int) varint(in));
            } else if (tag == tag(TensorFrame.OFFSET_FIELD_NUMBER, VARINT)) {
                frame.setOffset(varint(in));
            } else if (tag == tag(TensorFrame.CRC32C_FIELD_NUMBER, FIXED_32) && in.readableBytes() >= Integer.BYTES) {
                frame.setCrc32C(in.readIntLE());
            } else if (tag == tag(TensorFrame.ID_FIELD_NUMBER, LENGTH_DELIMITED)) {
                if (!readId(in, frame)) {
                    return null;
                }
            } else {
                boolean isData = tag == tag(TensorFrame.DATA_FIELD_NUMBER, LENGTH_DELIMITED);
                return isData && varint(in) == in.readableBytes()
                        ? frame.setData(rest(in)).build()
                        : null;
            }
        }
        return null;
    }

    private static boolean readId(ByteBuf in, TensorFrame.Builder frame) {
        long length = varint(in);
        if (length < 0 || length > in.readableBytes()) {
            return false;
        }
        byte[] id = new byte[(int) length];
        in.readBytes(id);
        ByteString bytes = ByteString.copyFrom(id);
        if (!bytes.isValidUtf8()) {
            return false;
        }
        frame.setIdBytes(bytes);
        return true;
    }

    private static long tag(int number, int type) {
        return ((long) number << TAG_BITS) | type;
    }

    /** -1 if there is none, or one of more than 63 bits. */
    private static long varint(ByteBuf in) {
        long value = 0;
        for (int shift = 0; shift < Long.SIZE - 1 && in.isReadable(); shift += 7) {
            byte next = in.readByte();
            value |= (next & 0x7fL) << shift;
            if (next >= 0) {
                return value;
            }
        }
        return -1;
    }

    /** What is left, as it lies: the pieces stay as long as the frame does. */
    private static ByteString rest(ByteBuf in) {
        List<ByteString> pieces = new ArrayList<>();
        for (ByteBuffer piece : in.nioBuffers()) {
            pieces.add(UnsafeByteOperations.unsafeWrap(piece));
        }
        return pieces.size() == 1 ? pieces.get(0) : ByteString.copyFrom(pieces);
    }
}
