// SPDX-License-Identifier: Apache-2.0
package reflux.rpc;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;

/** The event loops of a process: on Linux' epoll, where that is to be had, else on Java's own selector. */
public final class EventLoops {
    private EventLoops() {}

    public static Vertx open() {
        return open(new VertxOptions());
    }

    public static Vertx open(VertxOptions options) {
        return Vertx.vertx(options.setPreferNativeTransport(true));
    }
}
