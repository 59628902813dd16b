// SPDX-License-Identifier: Apache-2.0
package reflux.rpc;

import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;

/** The event loop that an object is confined to. */
record Home(ContextInternal context) {
    /** The caller's event loop, or a new one if the caller is on none. */
    static Home of(Vertx vertx) {
        ContextInternal current = ((VertxInternal) vertx).getContext();
        if (current == null || !current.isEventLoopContext()) {
            return new Home(((VertxInternal) vertx).createEventLoopContext());
        }
        return new Home(current.unwrap());
    }

    /** Runs now if this is the event loop, else later and in order. */
    void run(Runnable task) {
        if (context.inThread()) {
            task.run();
        } else {
            context.runOnContext(ignored -> task.run());
        }
    }

    /** Runs in a later turn of the event loop. */
    void runLater(Runnable task) {
        context.runOnContext(ignored -> task.run());
    }

    /** A promise whose future calls its handlers here. */
    <T> Promise<T> promise() {
        return context.promise();
    }

    Vertx vertx() {
        return context.owner();
    }
}
