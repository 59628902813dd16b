// SPDX-License-Identifier: Apache-2.0
package reflux.rpc;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Pings an HTTP/2 connection as long as it is open, and closes it when no answer comes: Vert.x itself never notices a peer that
 * has vanished without a word.
 */
final class Pings {
    private static final Logger log = LoggerFactory.getLogger(Pings.class);
    private static final Buffer PAYLOAD = Buffer.buffer("reflux\r\n");

    private Pings() {}

    /** Watches the connection; takes its one close handler, and calls onClosed from it. */
    static void watch(Vertx vertx, HttpConnection connection, KeepAlive keepAlive, Runnable onClosed) {
        long timer = vertx.setPeriodic(keepAlive.every().toMillis(), ignored -> connection
                .ping(PAYLOAD)
                .timeout(keepAlive.timeout().toMillis(), TimeUnit.MILLISECONDS)
                .onFailure(cause -> {
                    log.debug("no answer to ping, connection is closed peer={}", connection.remoteAddress());
                    connection.close();
                }));
        connection.closeHandler(ignored -> {
            vertx.cancelTimer(timer);
            onClosed.run();
        });
    }
}
