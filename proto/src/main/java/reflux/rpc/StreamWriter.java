// SPDX-License-Identifier: Apache-2.0
package reflux.rpc;

import io.vertx.core.Future;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The writing half of a stream. No method throws, whatever the peer has done; each may be called from any thread, and keeps
 * that thread's order.
 */
public interface StreamWriter<T> {
    /**
     * Sends a message. The future is complete when the next one may follow: at once while the peer keeps up, after a drain
     * otherwise. It fails with RpcException if the stream is closed. Who does not wait for it is bounded by the settings'
     * maxUnsentBytes, and ended beyond.
     */
    Future<Void> write(T message);

    /** False once the stream was ended, failed, cancelled or lost. */
    boolean isOpen();

    /**
     * Ends this half: a server's with status OK, a client's as half-close. A second end does nothing. The future tells when the
     * whole stream is over.
     */
    Future<Void> end();

    /** A server ends with the status of {@link FailureStatus#of}; a client cancels. Does nothing once the stream is closed. */
    void fail(Throwable cause);

    /** Calls once when the stream is closed: with null if it ended as it should, else with the cause. Replaces no other handler. */
    void onClosed(Consumer<@Nullable Throwable> handler);

    /** Server only: calls once when the server begins to drain, at once if it does already; the stream should soon end. */
    void onDrain(Runnable handler);
}
