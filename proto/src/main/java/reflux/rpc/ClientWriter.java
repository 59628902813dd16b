// SPDX-License-Identifier: Apache-2.0
package reflux.rpc;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The request half of a call. */
record ClientWriter<Q>(Home home, Outbound<Q> out, Runnable halfClose, Consumer<Throwable> stop)
        implements StreamWriter<Q> {
    @Override
    public Future<Void> write(Q message) {
        return out.write(message);
    }

    @Override
    public boolean isOpen() {
        return out.isOpen();
    }

    @Override
    public Future<Void> end() {
        halfClose.run();
        Promise<Void> closed = home.promise();
        out.onClosed(cause -> {
            if (cause == null) {
                closed.tryComplete();
            } else {
                closed.tryFail(cause);
            }
        });
        return closed.future();
    }

    @Override
    public void fail(Throwable cause) {
        stop.accept(cause);
    }

    @Override
    public void onClosed(Consumer<@Nullable Throwable> handler) {
        out.onClosed(handler);
    }

    @Override
    public void onDrain(Runnable handler) {}
}
