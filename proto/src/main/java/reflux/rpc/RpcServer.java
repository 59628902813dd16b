// SPDX-License-Identifier: Apache-2.0
package reflux.rpc;

import com.google.protobuf.Descriptors.ServiceDescriptor;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.grpc.common.ServiceMethod;
import java.time.Duration;
import java.util.function.BiConsumer;
import java.util.function.Function;

/** Hosts services on one port, with health, reflection, limits, pings and drain. */
public final class RpcServer {
    private RpcServer() {}

    /** A server that does not listen yet; the services are listed by reflection and health, methods are added before start. */
    public static RpcServer create(Vertx vertx, ServerSettings settings, ServiceDescriptor... services) {
        throw new UnsupportedOperationException();
    }

    /** A failed future, or an exception, becomes the call's status by {@link FailureStatus}. */
    public <Q, R> RpcServer unary(ServiceMethod<Q, R> method, Function<Q, Future<R>> handler) {
        return this;
    }

    /** The handler ends or fails the writer. */
    public <Q, R> RpcServer serverStream(ServiceMethod<Q, R> method, BiConsumer<Q, StreamWriter<R>> handler) {
        return this;
    }

    /** The handler is called when the stream opens, before any message was read. */
    public <Q, R> RpcServer bidi(ServiceMethod<Q, R> method, BiConsumer<InboundStream<Q>, StreamWriter<R>> handler) {
        return this;
    }

    /** Listens and serves; the port, or why it cannot. */
    public Future<Integer> start() {
        return Future.failedFuture("unwritten");
    }

    /** Port that it listens on, 0 before {@link #start}. */
    public int port() {
        return 0;
    }

    /** Health answers NOT_SERVING for all services from now on; calls are still served. */
    public void notServing() {}

    /** Health answers SERVING again. */
    public void serving() {}

    /**
     * NOT_SERVING, new calls refused with UNAVAILABLE, onDrain of each open stream, and closed when they all have ended or the
     * limit is over.
     */
    public Future<Void> drain(Duration limit) {
        return Future.succeededFuture();
    }

    /** Closes all connections at once. */
    public Future<Void> close() {
        return Future.succeededFuture();
    }
}
