// SPDX-License-Identifier: Apache-2.0
package reflux.rpc;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** A TCP proxy that can fail on demand: swallow everything, or cut all connections. */
final class FaultProxy {
    private final Vertx vertx;
    private final PeerAddress target;
    private final NetClient client;
    private final Set<NetSocket> open = ConcurrentHashMap.newKeySet();
    private volatile boolean blackHole;

    /** Connections that the inner side has lost. */
    final AtomicInteger closed = new AtomicInteger();

    FaultProxy(Vertx vertx, PeerAddress target) {
        this.vertx = vertx;
        this.target = target;
        this.client = vertx.createNetClient();
    }

    Future<PeerAddress> start() {
        return vertx.createNetServer()
                .connectHandler(this::accept)
                .listen(0, "127.0.0.1")
                .map(NetServer::actualPort)
                .map(port -> new PeerAddress("127.0.0.1", port));
    }

    /** From now on bytes vanish, and nobody is told. */
    void blackHole() {
        blackHole = true;
    }

    void cut() {
        open.forEach(NetSocket::close);
    }

    private void accept(NetSocket in) {
        in.pause();
        open.add(in);
        client.connect(target.port(), target.host()).onFailure(e -> in.close()).onSuccess(out -> {
            open.add(out);
            pipe(in, out);
            pipe(out, in);
            in.resume();
        });
    }

    private void pipe(NetSocket from, NetSocket to) {
        from.handler(bytes -> {
            if (blackHole) {
                return;
            }
            to.write(bytes);
            if (to.writeQueueFull()) {
                from.pause();
                to.drainHandler(drained -> from.resume());
            }
        });
        from.exceptionHandler(e -> {});
        from.closeHandler(gone -> {
            closed.incrementAndGet();
            open.remove(from);
            if (!blackHole) {
                to.close();
            }
        });
    }
}
