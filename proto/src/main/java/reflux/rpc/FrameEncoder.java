// SPDX-License-Identifier: Apache-2.0
package reflux.rpc;

import com.google.protobuf.ByteOutput;
import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import com.google.protobuf.UnsafeByteOperations;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.buffer.BufferInternal;
import io.vertx.grpc.common.GrpcMessage;
import io.vertx.grpc.common.GrpcMessageEncoder;
import io.vertx.grpc.common.WireFormat;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import reflux.v1.TensorFrame;

/**
 * Writes messages that carry a tensor frame without copying its data: the head in protobuf's encoding, then the data where it
 * lies. The bytes are those that protobuf would write. Everything else goes through protobuf.
 */
final class FrameEncoder<T> implements GrpcMessageEncoder<T> {
    /** Smaller data is copied sooner than it is looked after. */
    static final int LEAST_BYTES = 4096;

    private static final int LENGTH_DELIMITED = 2;
    private static final int TAGS_AND_SIZES = 64;

    private final GrpcMessageEncoder<T> plain;
    private final FrameMemory memory;
    private @Nullable FrameFields fields;

    /** @param memory for the heads of data that is in direct memory */
    FrameEncoder(GrpcMessageEncoder<T> plain, FrameMemory memory) {
        this.plain = plain;
        this.memory = memory;
    }

    @Override
    public boolean accepts(WireFormat format) {
        return plain.accepts(format);
    }

    @Override
    public GrpcMessage encode(T message, WireFormat format) {
        if (format == WireFormat.PROTOBUF && message instanceof Message known) {
            Buffer framed = framed(known);
            if (framed != null) {
                return GrpcMessage.message("identity", WireFormat.PROTOBUF, framed);
            }
        }
        return plain.encode(message, format);
    }

    private @Nullable Buffer framed(Message message) {
        if (fields == null) {
            fields = new FrameFields(message.getDescriptorForType());
        }
        FieldDescriptor field = fields.set(message);
        if (field == null) {
            return null;
        }
        TensorFrame frame = (TensorFrame) message.getField(field);
        ByteString data = frame.getData();
        if (data.size() < LEAST_BYTES) {
            return null;
        }
        ByteBuffer head = head(field.getNumber(), frame);
        if (head.remaining() + data.size() != message.getSerializedSize()) {
            return null; // it says more than a frame does
        }
        return BufferInternal.buffer(joined(head, data));
    }

    private static ByteBuffer head(int number, TensorFrame frame) {
        byte[] bytes = new byte[TAGS_AND_SIZES + frame.getIdBytes().size()];
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        try {
            out.writeTag(number, LENGTH_DELIMITED);
            out.writeUInt32NoTag(frame.getSerializedSize());
            if (!frame.getIdBytes().isEmpty()) {
                out.writeBytes(TensorFrame.ID_FIELD_NUMBER, frame.getIdBytes());
            }
            if (frame.getTensor() != 0) {
                out.writeUInt32(TensorFrame.TENSOR_FIELD_NUMBER, frame.getTensor());
            }
            if (frame.getOffset() != 0) {
                out.writeUInt64(TensorFrame.OFFSET_FIELD_NUMBER, frame.getOffset());
            }
            if (frame.getCrc32C() != 0) {
                out.writeFixed32(TensorFrame.CRC32C_FIELD_NUMBER, frame.getCrc32C());
            }
            out.writeTag(TensorFrame.DATA_FIELD_NUMBER, LENGTH_DELIMITED);
            out.writeUInt32NoTag(frame.getData().size());
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException("the head of a frame is too long", e);
        }
        return ByteBuffer.wrap(bytes, 0, out.getTotalBytesWritten());
    }

    private ByteBuf joined(ByteBuffer head, ByteString data) {
        Pieces pieces = new Pieces();
        try {
            UnsafeByteOperations.unsafeWriteTo(data, pieces);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        pieces.parts.add(0, Unpooled.wrappedBuffer(pieces.isDirect ? memory.direct(head) : head));
        return Unpooled.wrappedBuffer(pieces.parts.size(), pieces.parts.toArray(ByteBuf[]::new));
    }

    /** The memory of a byte string, piece by piece, as it is. Nobody writes to it: neither Vert.x nor the socket. */
    private static final class Pieces extends ByteOutput {
        private final List<ByteBuf> parts = new ArrayList<>();
        private boolean isDirect = true;

        @Override
        public void write(byte value) {
            writeLazy(new byte[] {value}, 0, 1);
        }

        @Override
        public void write(byte[] value, int offset, int length) {
            byte[] copy = java.util.Arrays.copyOfRange(value, offset, offset + length);
            writeLazy(copy, 0, length);
        }

        @Override
        public void writeLazy(byte[] value, int offset, int length) {
            isDirect = false;
            parts.add(Unpooled.wrappedBuffer(value, offset, length));
        }

        @Override
        public void write(ByteBuffer value) {
            ByteBuffer copy = ByteBuffer.allocate(value.remaining()).put(value).flip();
            writeLazy(copy.array(), 0, copy.remaining());
        }

        @Override
        public void writeLazy(ByteBuffer value) {
            isDirect &= value.isDirect();
            parts.add(Unpooled.wrappedBuffer(value));
        }
    }
}
