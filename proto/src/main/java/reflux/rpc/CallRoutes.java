// SPDX-License-Identifier: Apache-2.0
package reflux.rpc;

import io.vertx.core.Handler;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.grpc.common.ServiceMethod;
import io.vertx.grpc.server.GrpcServer;
import io.vertx.grpc.server.GrpcServerRequest;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/** In front of Vert.x's server: gRPC over HTTP/2 goes the way that does not copy frames, all else (gRPC-Web, JSON) goes on. */
final class CallRoutes implements Handler<HttpServerRequest> {
    private static final Set<String> GRPC = Set.of("application/grpc", "application/grpc+proto");

    private final GrpcServer others;
    private final long maxMessageBytes;
    private final FrameMemory memory = new FrameMemory();
    private final Map<String, Consumer<HttpServerRequest>> methods = new HashMap<>();

    CallRoutes(GrpcServer others, long maxMessageBytes) {
        this.others = others;
        this.maxMessageBytes = maxMessageBytes;
    }

    /** Has the calls of a method handled, whichever way they come. */
    <Q, R> void add(ServiceMethod<Q, R> method, Consumer<GrpcServerRequest<Q, R>> handler) {
        ServiceMethod<Q, R> framed = Framing.framed(method, memory);
        others.callHandler(method, handler::accept);
        methods.put(
                "/" + method.fullMethodName(),
                http -> FrameResponse.open(http, framed, maxMessageBytes, memory, handler));
    }

    @Override
    public void handle(HttpServerRequest http) {
        String contentType = http.getHeader(HttpHeaders.CONTENT_TYPE);
        Consumer<HttpServerRequest> known = methods.get(http.path());
        boolean isGrpc = http.version() == HttpVersion.HTTP_2 && contentType != null && GRPC.contains(contentType);
        if (isGrpc && known != null) {
            known.accept(http);
        } else {
            others.handle(http);
        }
    }
}
