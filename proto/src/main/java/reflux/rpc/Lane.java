// SPDX-License-Identifier: Apache-2.0
package reflux.rpc;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.grpc.common.GrpcStatus;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import reflux.rpc.ReplicaState.Phase;
import reflux.v1.ItemStatus;
import reflux.wire.ContractMismatchException;
import reflux.wire.ItemStatuses;

/** The stream to one replica, and what is under way on it. Confined to the pool's home. */
final class Lane<Q, R> {
    private final Lanes<Q, R> pool;
    private final PeerAddress address;
    private final LaneSettings settings;
    private final LaneProtocol<Q, R> protocol;
    private final RpcClient client;
    private final UnderWay<Q, R> underWay = new UnderWay<>();
    private @Nullable ClientStream<Q, R> stream;
    private Phase phase = Phase.LOST;
    private String detail = "";
    private Duration backOff;
    private int credits;
    private boolean leaving;
    private int held;

    Lane(Lanes<Q, R> pool, PeerAddress address, RpcClient client, LaneProtocol<Q, R> protocol, LaneSettings settings) {
        this.pool = pool;
        this.address = address;
        this.client = client;
        this.protocol = protocol;
        this.settings = settings;
        this.backOff = settings.backOffFirst();
    }

    void connect() {
        if (leaving) {
            retire();
            return;
        }
        become(Phase.CONNECTING, detail);
        ClientStream<Q, R> opened = pool.open(client, protocol.hello(), this::received);
        stream = opened;
        held = 0;
        opened.completed().onComplete(done -> {
            if (stream == opened) {
                lost(done.cause());
            }
        });
        long patience = settings.client().callTimeout().toMillis();
        pool.home().vertx().setTimer(patience, ignored -> {
            if (stream == opened && phase == Phase.CONNECTING) {
                opened.writer().fail(RpcException.of(GrpcStatus.UNAVAILABLE, "no welcome within " + patience + " ms"));
            }
        });
    }

    /** Whether it may be given this item now. */
    boolean takes(Flight<Q, R> flight) {
        return phase == Phase.READY && !leaving && credits > 0 && underWay.mayTake(flight.id());
    }

    void send(Flight<Q, R> flight) {
        ClientStream<Q, R> open = stream;
        if (open == null) {
            throw new IllegalStateException("lane to " + address + " is not open");
        }
        credits--;
        underWay.add(flight);
        open.writer().write(flight.item.message());
        pool.guarded(() -> flight.listener.started(address, flight.attempts));
    }

    /** Whether the item was under way here. */
    boolean cancel(String id) {
        if (!underWay.cancel(id)) {
            return false;
        }
        if (stream != null) {
            stream.writer().write(protocol.cancel(id));
        }
        retireIfDone();
        return true;
    }

    /** No longer a member: finishes what is under way, then ends. */
    void leave() {
        leaving = true;
        retireIfDone();
    }

    /** A member again before it was gone. */
    void stay() {
        leaving = false;
    }

    /** Ends at once. */
    Future<Void> close() {
        leaving = true;
        underWay.takeAll();
        ClientStream<Q, R> open = stream;
        stream = null;
        if (open != null) {
            open.cancel();
        }
        become(Phase.REMOVED, "");
        return client.close();
    }

    Future<Void> closeClient() {
        return client.close();
    }

    /** Gives the connection up if an item was silent for too long. */
    void checkSilence(long nowNanos) {
        boolean isSilent =
                underWay.isSilentSince(nowNanos - settings.itemSilence().toNanos());
        if (isSilent && held == 0 && stream != null) {
            stream.writer()
                    .fail(RpcException.of(
                            GrpcStatus.UNAVAILABLE,
                            "nothing was heard of an item for "
                                    + settings.itemSilence().toMillis() + " ms"));
        }
    }

    PeerAddress address() {
        return address;
    }

    int items() {
        return underWay.size();
    }

    long cost() {
        return underWay.cost();
    }

    ReplicaState state() {
        return new ReplicaState(address, phase, detail, credits, underWay.size(), underWay.cost());
    }

    private void received(R message) {
        LaneMessage meaning = protocol.read(message);
        if (meaning instanceof LaneMessage.Welcome) {
            welcomed(message);
        } else if (meaning instanceof LaneMessage.Granted granted) {
            credits += phase == Phase.DRAINING ? 0 : granted.items();
            pool.pump();
        } else if (meaning instanceof LaneMessage.Goodbye goodbye) {
            credits = 0;
            become(Phase.DRAINING, goodbye.reason());
            if (stream != null) {
                stream.writer().end();
            }
        } else if (meaning instanceof LaneMessage.Part part) {
            deliver(part.id(), message);
        } else if (meaning instanceof LaneMessage.Last last) {
            ended(last.id(), message, last.status());
        }
    }

    private void welcomed(R message) {
        try {
            protocol.accept(address, message);
        } catch (ContractMismatchException e) {
            ClientStream<Q, R> refused = stream;
            lost(RpcException.of(GrpcStatus.FAILED_PRECONDITION, String.valueOf(e.getMessage())));
            if (refused != null) {
                refused.cancel();
            }
            return;
        }
        backOff = settings.backOffFirst();
        become(Phase.READY, "");
        pool.pump();
    }

    private void deliver(String id, R message) {
        Flight<Q, R> flight = underWay.heard(id);
        if (flight != null) {
            tell(flight, message).onFailure(cause -> {
                if (underWay.has(flight)) {
                    cancel(id);
                    pool.failed(flight, FailureStatus.of(cause));
                }
            });
        }
    }

    private void ended(String id, R message, ItemStatus status) {
        Flight<Q, R> flight = underWay.end(id);
        if (flight != null && ItemStatuses.isOk(status)) {
            tell(flight, message).onComplete(told -> {
                if (told.succeeded()) {
                    pool.done(flight);
                } else {
                    pool.failed(flight, FailureStatus.of(told.cause()));
                }
            });
        } else if (flight != null) {
            pool.notDone(flight, address, RpcException.of(status));
        }
        retireIfDone();
    }

    /** The lane reads on when the listener has taken the message. */
    private Future<Void> tell(Flight<Q, R> flight, R message) {
        Future<Void> taken;
        try {
            taken = flight.listener.message(message);
        } catch (RuntimeException e) {
            return Future.failedFuture(e);
        }
        ClientStream<Q, R> open = stream;
        if (taken.isComplete() || open == null) {
            return taken;
        }
        held++;
        open.pause();
        Promise<Void> settled = pool.home().promise();
        taken.onComplete(done -> pool.home().run(() -> {
            if (stream == open && --held == 0) {
                underWay.hearAll();
                open.resume();
            }
            settled.handle(done);
        }));
        return settled.future();
    }

    private void lost(@Nullable Throwable cause) {
        stream = null;
        credits = 0;
        GrpcStatus status = cause instanceof RpcException told ? told.status() : GrpcStatus.OK;
        boolean refused = status == GrpcStatus.FAILED_PRECONDITION || status == GrpcStatus.UNIMPLEMENTED;
        List<Flight<Q, R>> left = underWay.takeAll();
        String reason = cause == null ? "the replica ended the stream" : String.valueOf(cause.getMessage());
        become(refused ? Phase.REFUSED : Phase.LOST, reason);
        Duration wait = refused ? settings.backOffLast() : backOff;
        backOff = backOff.multipliedBy(2).compareTo(settings.backOffLast()) < 0
                ? backOff.multipliedBy(2)
                : settings.backOffLast();
        pool.home().vertx().setTimer(Math.max(1, wait.toMillis()), ignored -> {
            if (phase != Phase.REMOVED) {
                connect();
            }
        });
        pool.returned(left, address, reason);
    }

    private void retireIfDone() {
        if (leaving && underWay.size() == 0 && phase != Phase.REMOVED) {
            retire();
        }
    }

    private void retire() {
        if (stream != null) {
            stream.writer().end();
        }
        pool.retired(this);
        become(Phase.REMOVED, "");
    }

    private void become(Phase now, String why) {
        boolean changed = phase != now;
        phase = now;
        detail = why;
        if (changed) {
            pool.changed(state());
        }
    }
}
