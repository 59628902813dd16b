// SPDX-License-Identifier: Apache-2.0
package reflux.rpc;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.grpc.common.ServiceMethod;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * A client of one peer, with two connections: calls use the control connection, streams the bulk connection, so that a paused
 * stream never stalls a call. All failures are RpcException. Keep it in a field as long as it is used.
 */
public final class RpcClient {
    private final PeerAddress peer;

    private RpcClient(PeerAddress peer) {
        this.peer = peer;
    }

    /** A client that connects on first use. */
    public static RpcClient create(Vertx vertx, PeerAddress peer, ClientSettings settings) {
        return new RpcClient(peer);
    }

    /** Whom it calls. */
    public PeerAddress peer() {
        return peer;
    }

    /** Unary call with the settings' deadline. */
    public <Q, R> Future<R> call(ServiceMethod<R, Q> method, Q request) {
        return Future.failedFuture("unwritten");
    }

    /** Unary call; DEADLINE_EXCEEDED if there is no answer in time. */
    public <Q, R> Future<R> call(ServiceMethod<R, Q> method, Q request, Duration deadline) {
        return Future.failedFuture("unwritten");
    }

    /** Server stream on the bulk connection; an exception of the handler cancels it and fails completed(). */
    public <Q, R> ClientStream<Q, R> serverStream(ServiceMethod<R, Q> method, Q request, Consumer<R> handler) {
        throw new UnsupportedOperationException();
    }

    /** Bidi stream on the bulk connection; the first message opens it. Writes may follow at once. */
    public <Q, R> ClientStream<Q, R> bidi(ServiceMethod<R, Q> method, Q first, Consumer<R> handler) {
        throw new UnsupportedOperationException();
    }

    /** Closes both connections; open streams end with UNAVAILABLE. */
    public Future<Void> close() {
        return Future.succeededFuture();
    }
}
