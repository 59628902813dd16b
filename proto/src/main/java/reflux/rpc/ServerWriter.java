// SPDX-License-Identifier: Apache-2.0
package reflux.rpc;

import com.google.rpc.Status;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.grpc.common.GrpcStatus;
import io.vertx.grpc.server.GrpcServerResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The response half of one call. */
final class ServerWriter<R> implements StreamWriter<R> {
    private static final Logger log = LoggerFactory.getLogger(ServerWriter.class);

    private final Home home;
    private final GrpcServerResponse<?, R> response;
    private final Outbound<R> out;
    private final List<Runnable> drainHandlers = new ArrayList<>();
    private boolean draining;

    ServerWriter(Home home, GrpcServerResponse<?, R> response, long maxUnsentBytes) {
        this.home = home;
        this.response = response;
        this.out = new Outbound<>(home, maxUnsentBytes, this::reset);
        out.attach(response);
    }

    @Override
    public Future<Void> write(R message) {
        return out.write(message);
    }

    @Override
    public boolean isOpen() {
        return out.isOpen();
    }

    @Override
    public Future<Void> end() {
        home.run(() -> {
            if (out.seal()) {
                finish(null);
            }
        });
        return closed();
    }

    @Override
    public void fail(Throwable cause) {
        home.run(() -> {
            if (out.seal()) {
                RpcException told = FailureStatus.of(cause);
                tell(told);
                finish(told);
            }
        });
    }

    @Override
    public void onClosed(Consumer<@Nullable Throwable> handler) {
        out.onClosed(handler);
    }

    @Override
    public void onDrain(Runnable handler) {
        home.run(() -> {
            if (draining) {
                handler.run();
            } else {
                drainHandlers.add(handler);
            }
        });
    }

    /** The server drains. */
    void drain() {
        draining = true;
        List.copyOf(drainHandlers).forEach(Runnable::run);
        drainHandlers.clear();
    }

    /** The peer or the connection has ended the call. */
    void lost(GrpcStatus status, String message) {
        out.close(RpcException.of(status, message));
    }

    private Future<Void> closed() {
        Promise<Void> done = home.promise();
        out.onClosed(cause -> {
            if (cause == null) {
                done.tryComplete();
            } else {
                done.tryFail(cause);
            }
        });
        return done.future();
    }

    private void tell(RpcException told) {
        try {
            String message = StatusTrailers.brief(String.valueOf(told.getMessage()));
            Status details = told.details().toBuilder()
                    .setCode(told.status().code)
                    .setMessage(message)
                    .build();
            if (details.getDetailsCount() > 0) {
                response.trailers().set(StatusTrailers.DETAILS, StatusTrailers.encode(details));
            }
            response.trailers().set(StatusTrailers.MESSAGE, StatusTrailers.encode(message));
            response.status(told.status());
        } catch (IllegalStateException e) {
            out.close(told);
        }
    }

    private void finish(@Nullable Throwable cause) {
        out.whenWritable(() -> {
            try {
                response.end().onComplete(ended -> out.close(cause == null ? ended.cause() : cause));
            } catch (RuntimeException e) {
                out.close(cause == null ? e : cause);
            }
        });
    }

    /** For a peer that does not read, and so could not be told. */
    private void reset(Throwable cause) {
        RpcException told = FailureStatus.of(cause);
        log.warn("stream is reset cause={}", told.getMessage());
        out.close(told);
        try {
            response.cancel();
        } catch (RuntimeException e) {
            log.debug("stream was over already", e);
        }
    }
}
