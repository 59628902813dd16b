// SPDX-License-Identifier: Apache-2.0
package reflux.rpc;

import io.vertx.grpc.common.GrpcStatus;
import io.vertx.grpc.common.MessageSizeOverflowException;
import io.vertx.grpc.server.GrpcServerRequest;
import java.util.function.Consumer;
import reflux.wire.CapacityException;

/** The request half of one call. Paused from its start, so that nothing is lost before someone reads. */
final class ServerCall<Q, R> implements InboundStream<Q> {
    private final Home home;
    private final GrpcServerRequest<Q, R> request;
    private final ServerWriter<R> writer;
    private Runnable onEnd = () -> {};

    ServerCall(Home home, GrpcServerRequest<Q, R> request, ServerWriter<R> writer) {
        this.home = home;
        this.request = request;
        this.writer = writer;
        request.pause();
        request.errorHandler(error -> writer.lost(error.status, "ended by the client: " + error));
        request.exceptionHandler(
                cause -> writer.lost(GrpcStatus.UNAVAILABLE, "connection lost: " + cause.getMessage()));
        request.response()
                .exceptionHandler(
                        cause -> writer.lost(GrpcStatus.UNAVAILABLE, "connection lost: " + cause.getMessage()));
        request.invalidMessageHandler(invalid -> writer.fail(
                invalid instanceof MessageSizeOverflowException tooLarge
                        ? new CapacityException("message has " + tooLarge.messageSize() + " bytes, more than allowed")
                        : new IllegalArgumentException("message cannot be decoded")));
    }

    @Override
    public void read(Consumer<Q> handler) {
        home.run(() -> {
            request.handler(message -> guarded(() -> handler.accept(message)));
            // Not at once: a reset may come in the same packet, and trailers that it meets unsent cost the connection.
            request.endHandler(ignored -> home.runLater(() -> guarded(onEnd)));
            request.resume();
        });
    }

    @Override
    public void onEnd(Runnable handler) {
        onEnd = handler;
    }

    @Override
    public void pause() {
        home.run(request::pause);
    }

    @Override
    public void resume() {
        home.run(request::resume);
    }

    @Override
    public String peer() {
        return String.valueOf(request.connection().remoteAddress());
    }

    private void guarded(Runnable task) {
        if (!writer.isOpen()) {
            return;
        }
        try {
            task.run();
        } catch (RuntimeException e) {
            writer.fail(e);
        }
    }
}
