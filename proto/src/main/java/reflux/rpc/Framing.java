// SPDX-License-Identifier: Apache-2.0
package reflux.rpc;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.internal.buffer.BufferInternal;
import io.vertx.core.net.impl.ConnectionBase;
import io.vertx.grpc.common.ServiceMethod;
import io.vertx.grpc.common.impl.GrpcMessageImpl;
import java.nio.ByteBuffer;
import java.util.function.Function;

/** How messages of tensor frames pass Vert.x and Netty with no more copies than they insist on. */
final class Framing {
    private static final int PREFIX_BYTES = 5;

    private Framing() {}

    /** The method, of a server or of a client, with codecs that do not copy frames. */
    static <Q, R> ServiceMethod<Q, R> framed(ServiceMethod<Q, R> method, FrameMemory memory) {
        return ServiceMethod.server(
                method.serviceName(),
                method.methodName(),
                new FrameEncoder<>(method.encoder(), memory),
                FrameDecoder.over(method.decoder()));
    }

    /** Writes a message behind its prefix: copied once into direct memory, or not at all if it lies there already. */
    static Future<Void> send(
            Buffer message, boolean isCompressed, FrameMemory memory, Function<Buffer, Future<Void>> socket) {
        if (message.length() < FrameEncoder.LEAST_BYTES) {
            return socket.apply(GrpcMessageImpl.encode(message, isCompressed, false));
        }
        ByteBuf payload = ((BufferInternal) message).getByteBuf();
        ByteBuffer prefix = ByteBuffer.allocate(PREFIX_BYTES)
                .put((byte) (isCompressed ? 1 : 0))
                .putInt(payload.readableBytes())
                .flip();
        if (payload.isDirect()) {
            return socket.apply(buffer(Unpooled.wrappedBuffer(memory.direct(prefix)), payload));
        }
        ByteBuffer piece = memory.take(PREFIX_BYTES + payload.readableBytes());
        if (piece == null) {
            return socket.apply(buffer(Unpooled.wrappedBuffer(prefix), payload));
        }
        ByteBuffer whole = piece.duplicate().put(prefix).limit(PREFIX_BYTES + payload.readableBytes());
        payload.getBytes(payload.readerIndex(), whole);
        try {
            return socket.apply(buffer(Unpooled.wrappedBuffer(whole.flip())))
                    .onComplete(sent -> memory.giveBack(piece));
        } catch (RuntimeException e) {
            memory.giveBack(piece);
            throw e;
        }
    }

    private static Buffer buffer(ByteBuf... pieces) {
        return BufferInternal.buffer(Unpooled.wrappedBuffer(pieces));
    }

    /** Netty then keeps what it has read of an HTTP/2 frame as it came, and does not copy it whenever more comes. */
    static void keepPieces(HttpConnection connection) {
        Http2ConnectionHandler handler =
                ((ConnectionBase) connection).channelHandlerContext().pipeline().get(Http2ConnectionHandler.class);
        if (handler != null) {
            handler.setCumulator(ByteToMessageDecoder.COMPOSITE_CUMULATOR);
        }
    }
}
