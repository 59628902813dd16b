// SPDX-License-Identifier: Apache-2.0
package reflux.rpc;

import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** The request half of a call with exactly one request message. */
final class SoleMessage<Q, R> {
    private final InboundStream<Q> in;
    private final StreamWriter<R> out;
    private final BiConsumer<Q, StreamWriter<R>> handler;
    private @Nullable Q message;

    SoleMessage(InboundStream<Q> in, StreamWriter<R> out, BiConsumer<Q, StreamWriter<R>> handler) {
        this.in = in;
        this.out = out;
        this.handler = handler;
    }

    void read() {
        in.onEnd(this::handle);
        in.read(next -> {
            if (message != null) {
                throw new IllegalArgumentException("call takes one request message, got a second");
            }
            message = next;
        });
    }

    private void handle() {
        Q request = message;
        if (request == null) {
            throw new IllegalArgumentException("call takes one request message, got none");
        }
        handler.accept(request, out);
    }
}
