// SPDX-License-Identifier: Apache-2.0
package reflux.rpc;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.StreamResetException;
import io.vertx.grpc.client.GrpcClientRequest;
import io.vertx.grpc.client.GrpcClientResponse;
import io.vertx.grpc.common.GrpcError;
import io.vertx.grpc.common.GrpcErrorException;
import io.vertx.grpc.common.GrpcStatus;
import io.vertx.grpc.common.MessageSizeOverflowException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reflux.wire.CapacityException;

/** One call of a client, of any shape, from before its connection is there until it has ended once. */
final class ClientCall<Q, R> implements ClientStream<Q, R> {
    private final Home home;
    private final PeerAddress peer;
    private final Consumer<R> handler;
    private final Outbound<Q> out;
    private final Promise<Void> completed;
    private @Nullable GrpcClientRequest<Q, R> request;
    private @Nullable GrpcClientResponse<Q, R> response;
    private boolean paused;
    private boolean over;

    ClientCall(Home home, PeerAddress peer, ClientSettings settings, Consumer<R> handler) {
        this.home = home;
        this.peer = peer;
        this.handler = handler;
        this.out = new Outbound<>(home, settings.maxUnsentBytes(), this::stop);
        this.completed = home.promise();
    }

    /** Goes on once the request is there; called at home. */
    void start(Future<GrpcClientRequest<Q, R>> opening) {
        opening.onComplete(opened -> home.run(() -> {
            if (opened.failed()) {
                finish(RpcException.of(
                        GrpcStatus.UNAVAILABLE,
                        "cannot connect to " + peer + ": " + opened.cause().getMessage()));
            } else {
                opened(opened.result());
            }
        }));
    }

    @Override
    public StreamWriter<Q> writer() {
        return new ClientWriter<>(home, out, this::halfClose, this::stop);
    }

    @Override
    public Future<Void> completed() {
        return completed.future();
    }

    @Override
    public void pause() {
        home.run(() -> {
            paused = true;
            if (response != null) {
                response.pause();
            }
        });
    }

    @Override
    public void resume() {
        home.run(() -> {
            paused = false;
            if (response != null) {
                response.resume();
            }
        });
    }

    @Override
    public void cancel() {
        stop(RpcException.of(GrpcStatus.CANCELLED, "cancelled by this side"));
    }

    /** Ends both halves for this reason. */
    void stop(Throwable cause) {
        home.run(() -> {
            RpcException told = FailureStatus.of(cause);
            finish(told);
            if (request != null) {
                try {
                    request.cancel();
                } catch (RuntimeException alreadyOver) {
                    return;
                }
            }
        });
    }

    /** A connection of this client has ended; called at home. */
    void connectionClosed(HttpConnection connection) {
        if (request != null && request.connection() == connection) {
            finish(RpcException.of(GrpcStatus.UNAVAILABLE, "connection to " + peer + " is closed"));
        }
    }

    private void opened(GrpcClientRequest<Q, R> opened) {
        if (over) {
            opened.cancel();
            return;
        }
        request = opened;
        opened.exceptionHandler(cause -> finish(broken(cause)));
        opened.response().onComplete(answer -> {
            if (answer.failed()) {
                finish(broken(answer.cause()));
            } else {
                answered(answer.result());
            }
        });
        out.attach(opened);
        if (!out.isOpen() && !over) {
            endRequest(opened);
        }
    }

    private void answered(GrpcClientResponse<Q, R> answer) {
        response = answer;
        answer.errorHandler(
                error -> finish(RpcException.of(error.status, "stream of " + peer + " was reset: " + error)));
        answer.exceptionHandler(cause -> finish(broken(cause)));
        answer.invalidMessageHandler(invalid -> stop(
                invalid instanceof MessageSizeOverflowException tooLarge
                        ? new CapacityException(
                                "message of " + peer + " has " + tooLarge.messageSize() + " bytes, more than allowed")
                        : new IllegalArgumentException("message of " + peer + " cannot be decoded")));
        answer.handler(this::deliver);
        answer.endHandler(ignored -> ended(answer));
        if (paused) {
            answer.pause();
        }
    }

    private void deliver(R message) {
        if (over) {
            return;
        }
        try {
            handler.accept(message);
        } catch (RuntimeException e) {
            stop(e);
        }
    }

    private void ended(GrpcClientResponse<Q, R> answer) {
        GrpcStatus status = answer.status();
        if (status == GrpcStatus.OK) {
            finish(null);
        } else {
            finish(StatusTrailers.read(status == null ? GrpcStatus.UNKNOWN : status, answer));
        }
    }

    private void halfClose() {
        home.run(() -> {
            if (out.seal() && request != null) {
                endRequest(request);
            }
        });
    }

    private void endRequest(GrpcClientRequest<Q, R> opened) {
        out.whenWritable(() -> {
            try {
                opened.end().onFailure(cause -> finish(broken(cause)));
            } catch (RuntimeException e) {
                finish(broken(e));
            }
        });
    }

    private void finish(@Nullable RpcException cause) {
        if (over) {
            return;
        }
        over = true;
        out.close(cause);
        if (cause == null) {
            completed.complete();
        } else {
            completed.fail(cause);
        }
    }

    private RpcException broken(Throwable cause) {
        if (cause instanceof RpcException told) {
            return told;
        }
        GrpcStatus status = GrpcStatus.UNAVAILABLE;
        if (cause instanceof GrpcErrorException known) {
            status = known.error().status;
        } else if (cause instanceof StreamResetException reset) {
            GrpcError known = GrpcError.mapHttp2ErrorCode(reset.getCode());
            status = known == null ? GrpcStatus.UNAVAILABLE : known.status;
        }
        String text = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
        return RpcException.of(status, "stream of " + peer + " broke: " + text);
    }
}
