// SPDX-License-Identifier: Apache-2.0
package reflux.rpc;

import com.google.protobuf.MessageLite;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.grpc.common.GrpcStatus;
import io.vertx.grpc.common.GrpcWriteStream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reflux.wire.CapacityException;

/**
 * Safe writes to one stream: queues until the stream is there, never throws, tells when the next message may follow, counts
 * unsent bytes, and closes exactly once. Confined to its home; {@link #write} and {@link #isOpen} may be called from anywhere.
 */
final class Outbound<T> {
    private final Home home;
    private final long maxUnsentBytes;
    private final Consumer<Throwable> onOverflow;
    private final ArrayDeque<T> early = new ArrayDeque<>();
    private final ArrayDeque<Promise<Void>> waiting = new ArrayDeque<>();
    private final List<Consumer<@Nullable Throwable>> handlers = new ArrayList<>();
    private @Nullable GrpcWriteStream<T> stream;
    private @Nullable RpcException cause;
    private long unsentBytes;
    private boolean closed;
    private volatile boolean open = true;

    /** onOverflow is told when the peer does not read and the writer does not wait; it must close the stream. */
    Outbound(Home home, long maxUnsentBytes, Consumer<Throwable> onOverflow) {
        this.home = home;
        this.maxUnsentBytes = maxUnsentBytes;
        this.onOverflow = onOverflow;
    }

    /** The stream is there: what was written early is sent. */
    void attach(GrpcWriteStream<T> opened) {
        stream = opened;
        opened.drainHandler(ignored -> drained());
        while (!early.isEmpty() && !closed) {
            send(opened, early.remove());
        }
        if (!isFull(opened)) {
            drained();
        }
    }

    Future<Void> write(T message) {
        Promise<Void> followed = home.promise();
        home.run(() -> writeHere(message, followed));
        return followed.future();
    }

    /**
     * Runs once the peer has room: Vert.x loses its way if a stream breaks while trailers are queued behind messages. Never runs
     * if the stream closes before.
     */
    void whenWritable(Runnable task) {
        GrpcWriteStream<T> target = stream;
        if (target == null || !isFull(target)) {
            task.run();
            return;
        }
        Promise<Void> writable = home.promise();
        waiting.add(writable);
        writable.future().onSuccess(ignored -> whenWritable(task));
    }

    boolean isOpen() {
        return open;
    }

    /** No write is taken any more; returns false if that was so already. */
    boolean seal() {
        boolean first = open;
        open = false;
        return first;
    }

    /** The stream is over: writers that wait fail, handlers are called, once. */
    void close(@Nullable Throwable why) {
        if (closed) {
            return;
        }
        closed = true;
        open = false;
        RpcException told = why == null || why instanceof RpcException
                ? (RpcException) why
                : RpcException.of(GrpcStatus.UNAVAILABLE, "stream broke: " + why.getMessage());
        cause = told;
        early.clear();
        while (!waiting.isEmpty()) {
            waiting.remove().tryFail(closedFailure());
        }
        List.copyOf(handlers).forEach(handler -> handler.accept(told));
        handlers.clear();
    }

    boolean isClosed() {
        return closed;
    }

    void onClosed(Consumer<@Nullable Throwable> handler) {
        home.run(() -> {
            if (closed) {
                handler.accept(cause);
            } else {
                handlers.add(handler);
            }
        });
    }

    private void writeHere(T message, Promise<Void> followed) {
        if (!open) {
            followed.tryFail(closedFailure());
            return;
        }
        GrpcWriteStream<T> target = stream;
        if (target == null) {
            unsentBytes += bytes(message);
            early.add(message);
            waiting.add(followed);
        } else {
            unsentBytes += bytes(message);
            send(target, message);
            if (closed) {
                followed.tryFail(closedFailure());
            } else if (isFull(target)) {
                waiting.add(followed);
            } else {
                followed.tryComplete();
            }
        }
        if (unsentBytes > maxUnsentBytes && open) {
            onOverflow.accept(new CapacityException(
                    "peer does not read: " + unsentBytes + " bytes are unsent, limit " + maxUnsentBytes));
        }
    }

    private void send(GrpcWriteStream<T> target, T message) {
        int bytes = bytes(message);
        try {
            target.write(message).onComplete(sent -> unsentBytes -= bytes);
        } catch (RuntimeException e) {
            close(e);
        }
    }

    /** Only those that waited before: who is let go may write, and wait, again at once. */
    private void drained() {
        for (int left = waiting.size(); left > 0 && !waiting.isEmpty(); left--) {
            waiting.remove().tryComplete();
        }
    }

    private RpcException closedFailure() {
        RpcException why = cause;
        return why == null ? RpcException.of(GrpcStatus.CANCELLED, "stream is closed") : why;
    }

    private static boolean isFull(GrpcWriteStream<?> target) {
        try {
            return target.writeQueueFull();
        } catch (RuntimeException e) {
            return false;
        }
    }

    private static int bytes(Object message) {
        return message instanceof MessageLite known ? known.getSerializedSize() : 0;
    }
}
