// SPDX-License-Identifier: Apache-2.0
package reflux.rpc;

import java.util.function.Consumer;

/** The reading half of a bidi stream at the server. Nothing is lost before {@link #read}: the stream waits for it. */
public interface InboundStream<Q> {
    /** Delivers messages to the handler from now on; an exception of the handler fails the stream. Called once. */
    void read(Consumer<Q> handler);

    /** Calls when the client half-closed; set before {@link #read}. */
    void onEnd(Runnable handler);

    /** Delivers nothing until {@link #resume}; HTTP/2 then stops the client. */
    void pause();

    /** Delivers again. */
    void resume();

    /** Address of the client, for logs. */
    String peer();
}
