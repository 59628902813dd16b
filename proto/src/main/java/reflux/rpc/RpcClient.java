// SPDX-License-Identifier: Apache-2.0
package reflux.rpc;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.grpc.client.GrpcClientRequest;
import io.vertx.grpc.common.GrpcStatus;
import io.vertx.grpc.common.ServiceMethod;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A client of one peer, with two connections: calls use the control connection, streams the bulk connection, so that a paused
 * stream never stalls a call. All failures are RpcException; handlers run on the event loop that it was created on. Keep it in
 * a field as long as it is used.
 */
public final class RpcClient {
    private final Home home;
    private final PeerAddress peer;
    private final ClientSettings settings;
    private final PeerConnection control;
    private final PeerConnection bulk;
    private final Set<ClientCall<?, ?>> calls = new LinkedHashSet<>();
    private boolean closed;

    private RpcClient(Home home, PeerAddress peer, ClientSettings settings) {
        this.home = home;
        this.peer = peer;
        this.settings = settings;
        this.control = PeerConnection.create(home.vertx(), settings, 1 << 20, this::connectionClosed);
        this.bulk = PeerConnection.create(home.vertx(), settings, 4 << 20, this::connectionClosed);
    }

    /** A client that connects on first use. */
    public static RpcClient create(Vertx vertx, PeerAddress peer, ClientSettings settings) {
        return new RpcClient(Home.of(vertx), peer, settings);
    }

    static RpcClient at(Home home, PeerAddress peer, ClientSettings settings) {
        return new RpcClient(home, peer, settings);
    }

    /** Whom it calls. */
    public PeerAddress peer() {
        return peer;
    }

    /** Unary call with the settings' deadline. */
    public <Q, R> Future<R> call(ServiceMethod<R, Q> method, Q request) {
        return call(method, request, settings.callTimeout());
    }

    /** Unary call; DEADLINE_EXCEEDED if there is no answer in time. */
    public <Q, R> Future<R> call(ServiceMethod<R, Q> method, Q request, Duration deadline) {
        Promise<R> answered = home.promise();
        home.run(() -> {
            List<R> answers = new ArrayList<>(1);
            ClientCall<Q, R> call = open(control, method, request, answers::add, deadline.toMillis());
            call.writer().end();
            long timer = home.vertx()
                    .setTimer(
                            deadline.toMillis(),
                            ignored -> call.stop(RpcException.of(
                                    GrpcStatus.DEADLINE_EXCEEDED,
                                    "no answer of " + peer + " to " + method.methodName() + " within "
                                            + deadline.toMillis() + " ms")));
            call.completed().onComplete(done -> {
                home.vertx().cancelTimer(timer);
                if (done.failed()) {
                    answered.fail(done.cause());
                } else if (answers.size() == 1) {
                    answered.complete(answers.get(0));
                } else {
                    answered.fail(RpcException.of(
                            GrpcStatus.INTERNAL, peer + " answered with " + answers.size() + " messages"));
                }
            });
        });
        return answered.future();
    }

    /** Server stream on the bulk connection; an exception of the handler cancels it and fails completed(). */
    public <Q, R> ClientStream<Q, R> serverStream(ServiceMethod<R, Q> method, Q request, Consumer<R> handler) {
        ClientStream<Q, R> stream = bidi(method, request, handler);
        stream.writer().end();
        return stream;
    }

    /** Bidi stream on the bulk connection; the first message opens it. Writes may follow at once. */
    public <Q, R> ClientStream<Q, R> bidi(ServiceMethod<R, Q> method, Q first, Consumer<R> handler) {
        return open(bulk, method, first, handler, 0);
    }

    /** Closes both connections; open streams end with UNAVAILABLE. */
    public Future<Void> close() {
        Promise<Void> done = home.promise();
        home.run(() -> {
            closed = true;
            RpcException reason = RpcException.of(GrpcStatus.UNAVAILABLE, "client of " + peer + " is closed");
            Set.copyOf(calls).forEach(call -> call.stop(reason));
            Future.join(control.close(), bulk.close()).<Void>mapEmpty().onComplete(done);
        });
        return done.future();
    }

    /** Vert.x does not tell every stream of a connection that it is gone; this tells all that are left. */
    private void connectionClosed(HttpConnection connection) {
        home.run(() -> Set.copyOf(calls).forEach(call -> call.connectionClosed(connection)));
    }

    private <Q, R> ClientCall<Q, R> open(
            PeerConnection connection, ServiceMethod<R, Q> method, Q first, Consumer<R> handler, long timeoutMillis) {
        ClientCall<Q, R> call = new ClientCall<>(home, peer, settings, handler);
        call.writer().write(first);
        home.run(() -> {
            if (closed) {
                call.stop(RpcException.of(GrpcStatus.UNAVAILABLE, "client of " + peer + " is closed"));
                return;
            }
            calls.add(call);
            call.completed().onComplete(done -> calls.remove(call));
            Future<GrpcClientRequest<Q, R>> opening = connection.request(peer.socket(), method);
            call.start(
                    timeoutMillis == 0
                            ? opening
                            : opening.map(request -> request.timeout(timeoutMillis, TimeUnit.MILLISECONDS)));
        });
        return call;
    }
}
