// SPDX-License-Identifier: Apache-2.0
package reflux.rpc;

import io.vertx.core.Future;

/** A stream that a client opened. */
public interface ClientStream<Q, R> {
    /** The request half; {@code end()} half-closes, {@code fail} cancels. */
    StreamWriter<Q> writer();

    /** Completes when the server ended with OK and all messages were delivered; else fails with RpcException. */
    Future<Void> completed();

    /** Delivers nothing until {@link #resume}. */
    void pause();

    /** Delivers again. */
    void resume();

    /** Ends both halves at once; completed() fails with CANCELLED. */
    void cancel();
}
