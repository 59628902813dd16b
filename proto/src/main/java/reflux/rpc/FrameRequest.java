// SPDX-License-Identifier: Apache-2.0
package reflux.rpc;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.grpc.client.impl.GrpcClientRequestImpl;
import io.vertx.grpc.common.ServiceMethod;
import io.vertx.grpc.common.impl.GrpcReadStreamBase;

/** The request half of a call at the client; messages go to the socket from where the encoder left them. */
final class FrameRequest<Q, R> extends GrpcClientRequestImpl<Q, R> {
    private final HttpClientRequest http;
    private final FrameMemory memory;

    private FrameRequest(HttpClientRequest http, ServiceMethod<R, Q> method, long maxMessageBytes, FrameMemory memory) {
        super(http, maxMessageBytes, false, method.encoder(), method.decoder());
        this.http = http;
        this.memory = memory;
    }

    /** A call of a method that has not begun; its answers are read in whole messages. */
    static <Q, R> FrameRequest<Q, R> open(
            HttpClientRequest http, ServiceMethod<R, Q> method, long maxMessageBytes, FrameMemory memory) {
        FrameRequest<Q, R> request = new FrameRequest<>(http, method, maxMessageBytes, memory);
        request.init();
        request.serviceName(method.serviceName());
        request.methodName(method.methodName());
        http.response().onSuccess(answer -> {
            if (request.response().result() instanceof GrpcReadStreamBase<?, ?> deframer) {
                answer.handler(new WholeMessages(deframer, maxMessageBytes));
            }
        });
        return request;
    }

    @Override
    protected Future<Void> sendMessage(Buffer message, boolean compressed) {
        return Framing.send(message, compressed, memory, http::write);
    }
}
