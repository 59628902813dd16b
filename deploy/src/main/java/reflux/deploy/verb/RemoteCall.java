// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.verb;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import reflux.rpc.ClientSettings;
import reflux.rpc.EventLoops;
import reflux.rpc.PeerAddress;
import reflux.rpc.RpcClient;

/** Runs one conversation with a service and closes everything after it. */
final class RemoteCall {
    private RemoteCall() {}

    /** Blocks until the future that {@code work} makes is done; throws its failure. */
    static <T> T with(String address, Function<RpcClient, Future<T>> work) {
        Vertx vertx = EventLoops.open();
        RpcClient client = RpcClient.create(vertx, PeerAddress.parse(address), ClientSettings.defaults());
        try {
            return await(work.apply(client));
        } finally {
            await(client.close());
            await(vertx.close());
        }
    }

    private static <T> T await(Future<T> future) {
        try {
            return future.toCompletionStage().toCompletableFuture().join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw e;
        }
    }
}
