// SPDX-License-Identifier: Apache-2.0
package reflux.rpc;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.grpc.common.GrpcStatus;
import io.vertx.grpc.common.ServiceMethod;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reflux.wire.CapacityException;
import reflux.wire.NotReadyException;

/**
 * A pool of replicas with one bidi stream to each. Every item goes to the lane with the least cost under way among those with
 * credit; items of a lost lane go back to the front of the queue; results count once by id.
 *
 * <p>A replica that is lost is connected again with a doubling back-off. An item that its replica fails as retryable waits
 * 50 ms, doubled for each attempt, and then prefers another replica. An id may be used again once it has ended.
 */
public final class Lanes<Q, R> {
    private static final Logger log = LoggerFactory.getLogger(Lanes.class);
    private static final long RETRY_MILLIS = 50;
    private static final long RETRY_MOST_MILLIS = 2_000;

    private final Home home;
    private final ServiceMethod<R, Q> method;
    private final LaneProtocol<Q, R> protocol;
    private final LaneSettings settings;
    private final Map<PeerAddress, Lane<Q, R>> lanes = new LinkedHashMap<>();
    private final ArrayDeque<Flight<Q, R>> queue = new ArrayDeque<>();
    private final Map<String, Flight<Q, R>> flights = new HashMap<>();
    private volatile List<ReplicaState> snapshot = List.of();
    private Consumer<ReplicaState> onReplica = state -> {};
    private long silenceTimer = -1;
    private boolean closed;

    private Lanes(Home home, ServiceMethod<R, Q> method, LaneProtocol<Q, R> protocol, LaneSettings settings) {
        this.home = home;
        this.method = method;
        this.protocol = protocol;
        this.settings = settings;
    }

    /** A pool without members, on the caller's event loop, or a new one if the caller is on none. */
    public static <Q, R> Lanes<Q, R> create(
            Vertx vertx, ServiceMethod<R, Q> method, LaneProtocol<Q, R> protocol, LaneSettings settings) {
        return new Lanes<>(Home.of(vertx), method, protocol, settings);
    }

    /** Whom to use from now on: new ones are connected, others get nothing new and are closed when they are done. */
    public void members(Collection<PeerAddress> addresses) {
        List<PeerAddress> now = List.copyOf(addresses);
        home.run(() -> {
            if (closed) {
                return;
            }
            watchSilence();
            List.copyOf(lanes.values()).stream()
                    .filter(lane -> !now.contains(lane.address()))
                    .forEach(Lane::leave);
            now.forEach(this::join);
            pump();
        });
    }

    /** Calls for each change of a replica's phase, on the lanes' context; set before {@link #members}. */
    public void onReplica(Consumer<ReplicaState> handler) {
        home.run(() -> onReplica = handler);
    }

    /**
     * Queues an item. The future is complete when it is queued, and fails with CapacityException if too many wait, with
     * IllegalArgumentException if the id is under way, with NotReadyException after {@link #close}; the listener then hears
     * nothing.
     */
    public Future<Void> submit(LaneItem<Q> item, ItemListener<R> listener) {
        Promise<Void> queued = home.promise();
        home.run(() -> {
            if (closed) {
                queued.fail(new NotReadyException("lanes are closed"));
            } else if (flights.containsKey(item.id())) {
                queued.fail(new IllegalArgumentException("item " + item.id() + " is under way already"));
            } else if (queue.size() >= settings.maxWaiting()) {
                queued.fail(new CapacityException(
                        "item " + item.id() + " comes after " + queue.size() + " that wait for a replica, the limit"));
            } else {
                Flight<Q, R> flight = new Flight<>(item, listener);
                flights.put(item.id(), flight);
                queue.addLast(flight);
                queued.complete();
                pump();
            }
        });
        return queued.future();
    }

    /** Forgets the item: its listener hears nothing more; the replica is told. */
    public void cancel(String id) {
        home.run(() -> {
            Flight<Q, R> flight = flights.remove(id);
            if (flight != null && !queue.remove(flight)) {
                boolean found = List.copyOf(lanes.values()).stream().anyMatch(lane -> lane.cancel(id));
                log.debug("item cancelled id={} underWay={}", id, found);
            }
            pump();
        });
    }

    /** Where each replica stands, as last seen by the context; callable from any thread. */
    public List<ReplicaState> replicas() {
        return snapshot;
    }

    /** Ends all streams; items under way fail with CANCELLED. */
    public Future<Void> close() {
        Promise<Void> done = home.promise();
        home.run(() -> {
            closed = true;
            home.vertx().cancelTimer(silenceTimer);
            RpcException reason = RpcException.of(GrpcStatus.CANCELLED, "lanes are closed");
            List<Future<Void>> closing = new ArrayList<>();
            for (Lane<Q, R> lane : List.copyOf(lanes.values())) {
                closing.add(lane.close());
            }
            lanes.clear();
            queue.clear();
            List.copyOf(flights.values()).forEach(flight -> failed(flight, reason));
            publish();
            Future.join(closing).<Void>mapEmpty().onComplete(done);
        });
        return done.future();
    }

    /** Listeners are the caller's code: what they throw is logged and goes no further. */
    void guarded(Runnable listener) {
        try {
            listener.run();
        } catch (RuntimeException e) {
            log.error("listener of a lane threw", e);
        }
    }

    Home home() {
        return home;
    }

    ClientStream<Q, R> open(RpcClient client, Q hello, Consumer<R> handler) {
        return client.bidi(method, hello, handler);
    }

    /** Places what waits as long as a lane takes it. */
    void pump() {
        while (!closed && !queue.isEmpty()) {
            Flight<Q, R> flight = queue.element();
            Lane<Q, R> lane = place(flight);
            if (lane == null) {
                break;
            }
            queue.remove();
            lane.send(flight);
        }
        publish();
    }

    void done(Flight<Q, R> flight) {
        if (flights.remove(flight.id(), flight)) {
            guarded(flight.listener::done);
        }
    }

    void failed(Flight<Q, R> flight, RpcException cause) {
        if (flights.remove(flight.id(), flight)) {
            guarded(() -> flight.listener.failed(cause));
        }
    }

    /** A replica ended the item with a status that is not OK. */
    void notDone(Flight<Q, R> flight, PeerAddress where, RpcException cause) {
        if (!cause.isRetryable() || flight.attempts >= settings.maxAttempts()) {
            failed(flight, cause);
            return;
        }
        flight.avoid = where;
        long wait = Math.min(RETRY_MILLIS << Math.min(flight.attempts - 1, 10), RETRY_MOST_MILLIS);
        log.debug(
                "item is sent again id={} replica={} attempt={} cause={}", flight.id(), where, flight.attempts, cause);
        home.vertx().setTimer(wait, ignored -> {
            if (flights.get(flight.id()) == flight) {
                queue.addFirst(flight);
                pump();
            }
        });
    }

    /** A lane was lost with these items under way. */
    void returned(List<Flight<Q, R>> left, PeerAddress where, String reason) {
        for (int i = left.size() - 1; i >= 0; i--) {
            Flight<Q, R> flight = left.get(i);
            if (flight.attempts >= settings.maxAttempts()) {
                failed(
                        flight,
                        RpcException.of(
                                GrpcStatus.UNAVAILABLE,
                                "lost with " + where + " in attempt " + flight.attempts + ": " + reason));
            } else if (flights.get(flight.id()) == flight) {
                flight.avoid = where;
                queue.addFirst(flight);
            }
        }
        pump();
    }

    void changed(ReplicaState state) {
        log.info("replica={} phase={} detail={}", state.address(), state.phase(), state.detail());
        publish();
        guarded(() -> onReplica.accept(state));
    }

    void retired(Lane<Q, R> lane) {
        lanes.remove(lane.address(), lane);
        home.vertx().setTimer(1_000, ignored -> lane.closeClient()
                .onFailure(cause -> log.debug("client did not close replica={}", lane.address(), cause)));
    }

    private void join(PeerAddress address) {
        Lane<Q, R> known = lanes.get(address);
        if (known != null) {
            known.stay();
            return;
        }
        RpcClient client = RpcClient.at(home, address, settings.client());
        Lane<Q, R> lane = new Lane<>(this, address, client, protocol, settings);
        lanes.put(address, lane);
        lane.connect();
    }

    private @Nullable Lane<Q, R> place(Flight<Q, R> flight) {
        Comparator<Lane<Q, R>> order = Comparator.<Lane<Q, R>, Boolean>comparing(
                        lane -> Objects.equals(lane.address(), flight.avoid))
                .thenComparingLong(Lane::cost)
                .thenComparingInt(Lane::items);
        Stream<Lane<Q, R>> takers = lanes.values().stream().filter(lane -> lane.takes(flight));
        return takers.min(order).orElse(null);
    }

    private void watchSilence() {
        if (silenceTimer < 0) {
            long period = Math.max(1, settings.itemSilence().toMillis() / 4);
            silenceTimer = home.vertx().setPeriodic(period, ignored -> List.copyOf(lanes.values())
                    .forEach(lane -> lane.checkSilence(System.nanoTime())));
        }
    }

    private void publish() {
        snapshot = lanes.values().stream().map(Lane::state).toList();
    }
}
