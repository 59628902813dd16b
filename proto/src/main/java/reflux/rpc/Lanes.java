// SPDX-License-Identifier: Apache-2.0
package reflux.rpc;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.grpc.common.ServiceMethod;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;

/**
 * A pool of replicas with one bidi stream to each. Every item goes to the lane with the least cost under way among those with
 * credit; items of a lost lane go back to the front of the queue; results count once by id.
 */
public final class Lanes<Q, R> {
    private Lanes() {}

    /** A pool without members. */
    public static <Q, R> Lanes<Q, R> create(
            Vertx vertx, ServiceMethod<R, Q> method, LaneProtocol<Q, R> protocol, LaneSettings settings) {
        return new Lanes<>();
    }

    /** Whom to use from now on: new ones are connected, others get nothing new and are closed when they are done. */
    public void members(Collection<PeerAddress> addresses) {}

    /** Calls for each change of a replica's phase, on the lanes' context; set before {@link #members}. */
    public void onReplica(Consumer<ReplicaState> handler) {}

    /**
     * Queues an item. The future is complete when it is queued, and fails with CapacityException if too many wait, with
     * IllegalArgumentException if the id is under way, with NotReadyException after {@link #close}; the listener then hears
     * nothing.
     */
    public Future<Void> submit(LaneItem<Q> item, ItemListener<R> listener) {
        return Future.failedFuture("unwritten");
    }

    /** Forgets the item: its listener hears nothing more; the replica is told. */
    public void cancel(String id) {}

    /** Where each replica stands, as last seen by the context; callable from any thread. */
    public List<ReplicaState> replicas() {
        return List.of();
    }

    /** Ends all streams; items under way fail with CANCELLED. */
    public Future<Void> close() {
        return Future.succeededFuture();
    }
}
