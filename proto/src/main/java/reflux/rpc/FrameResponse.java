// SPDX-License-Identifier: Apache-2.0
package reflux.rpc;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.http.HttpServerRequestInternal;
import io.vertx.grpc.common.ServiceMethod;
import io.vertx.grpc.common.WireFormat;
import io.vertx.grpc.common.impl.GrpcMethodCall;
import io.vertx.grpc.server.GrpcProtocol;
import io.vertx.grpc.server.GrpcServerRequest;
import io.vertx.grpc.server.impl.Http2GrpcServerRequest;
import io.vertx.grpc.server.impl.Http2GrpcServerResponse;
import java.util.function.Consumer;

/** The response half of a call at the server; messages go to the socket from where the encoder left them. */
final class FrameResponse<Q, R> extends Http2GrpcServerResponse<Q, R> {
    private final HttpServerResponse http;
    private final FrameMemory memory;

    private FrameResponse(
            ContextInternal context,
            Http2GrpcServerRequest<Q, R> request,
            HttpServerResponse http,
            ServiceMethod<Q, R> method,
            FrameMemory memory) {
        super(context, request, GrpcProtocol.HTTP_2, http, method.encoder());
        this.http = http;
        this.memory = memory;
    }

    /** Opens a call, as Vert.x's server does, and has it handled on its context. */
    static <Q, R> void open(
            HttpServerRequest http,
            ServiceMethod<Q, R> method,
            long maxMessageBytes,
            FrameMemory memory,
            Consumer<GrpcServerRequest<Q, R>> handler) {
        ContextInternal context = ((HttpServerRequestInternal) http).context();
        Http2GrpcServerRequest<Q, R> request = new Http2GrpcServerRequest<>(
                context,
                GrpcProtocol.HTTP_2,
                WireFormat.PROTOBUF,
                http,
                method.decoder(),
                new GrpcMethodCall(http.path()));
        FrameResponse<Q, R> response = new FrameResponse<>(context, request, http.response(), method, memory);
        response.format(WireFormat.PROTOBUF);
        response.init();
        request.init(response, false, maxMessageBytes);
        http.handler(new WholeMessages(request, maxMessageBytes));
        context.dispatch(request, handler::accept);
    }

    @Override
    protected Future<Void> sendMessage(Buffer message, boolean compressed) {
        return Framing.send(message, compressed, memory, http::write);
    }
}
