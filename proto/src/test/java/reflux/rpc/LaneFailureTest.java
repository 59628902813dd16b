// SPDX-License-Identifier: Apache-2.0
package reflux.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static reflux.rpc.Awaiting.await;
import static reflux.rpc.Awaiting.until;

import com.google.rpc.Code;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.grpc.common.GrpcStatus;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reflux.rpc.ReplicaState.Phase;
import reflux.v1.ScoreIn;
import reflux.v1.ScoreOut;
import reflux.v1.TeacherScoringGrpcClient;
import reflux.wire.ContractMismatchException;
import reflux.wire.ItemStatuses;

class LaneFailureTest {
    private static final LaneSettings SETTINGS = new LaneSettings(
            ClientSettings.defaults(), 100, 3, Duration.ofMillis(20), Duration.ofMillis(100), Duration.ofMillis(400));

    private Vertx vertx;
    private ScoringServer first;
    private ScoringServer second;
    private Lanes<ScoreIn, ScoreOut> lanes;

    @BeforeEach
    void start() {
        vertx = Vertx.vertx();
        first = new ScoringServer(vertx, 4, 0);
        second = new ScoringServer(vertx, 4, 0);
        lanes = lanes(new ScoringProtocol());
    }

    @AfterEach
    void stop() throws Exception {
        await(lanes.close());
        await(vertx.close());
    }

    @Test
    void retryableItem_isDoneByAnotherReplica() throws Exception {
        first.outcome = request -> ItemStatuses.retryable(Code.RESOURCE_EXHAUSTED, "full");
        lanes.members(List.of(await(first.start()), await(second.start())));
        awaitReady(2);
        for (int i = 0; i < 10; i++) {
            Recording item = new Recording();

            await(lanes.submit(LanesTest.item("item-" + i), item));

            until(() -> item.ends.get() == 1);
            assertThat(item.failure).isEmpty();
        }
        assertThat(second.done).hasValue(10);
    }

    @Test
    void itemThatWouldFailAnywhere_failsAtOnce() throws Exception {
        first.outcome = request -> ItemStatuses.failed(Code.INVALID_ARGUMENT, "too long");
        lanes.members(List.of(await(first.start())));
        Recording item = new Recording();

        await(lanes.submit(LanesTest.item("a"), item));

        until(() -> item.ends.get() == 1);
        assertThat(item.failure.get(0).status()).isEqualTo(GrpcStatus.INVALID_ARGUMENT);
        assertThat(item.failure.get(0)).hasMessage("too long");
        assertThat(item.attempts).hasValue(1);
    }

    @Test
    void itemThatAlwaysFailsAsRetryable_endsAfterTheLastAttempt() throws Exception {
        first.outcome = request -> ItemStatuses.retryable(Code.UNAVAILABLE, "busy");
        lanes.members(List.of(await(first.start())));
        Recording item = new Recording();

        await(lanes.submit(LanesTest.item("a"), item));

        until(() -> item.ends.get() == 1);
        assertThat(item.attempts).hasValue(3);
        assertThat(item.failure.get(0).status()).isEqualTo(GrpcStatus.UNAVAILABLE);
    }

    @Test
    void itemThatBreaksEveryStream_endsAfterTheLastAttempt() throws Exception {
        first.hook = request -> {
            throw new IllegalArgumentException("poison");
        };
        lanes.members(List.of(await(first.start())));
        Recording item = new Recording();

        await(lanes.submit(LanesTest.item("a"), item));

        until(() -> item.ends.get() == 1);
        assertThat(item.attempts).hasValue(3);
        assertThat(item.failure.get(0)).hasMessageContaining("poison");
    }

    @Test
    void replicaOfAnotherContract_isRefusedAndTriedAgain() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        List<ReplicaState> states = new CopyOnWriteArrayList<>();
        lanes.close();
        lanes = lanes(new ScoringProtocol() {
            @Override
            public void accept(PeerAddress replica, ScoreOut welcome) {
                if (asked.incrementAndGet() < 3) {
                    throw new ContractMismatchException("head differs");
                }
            }
        });
        lanes.onReplica(states::add);
        Recording item = new Recording();
        await(lanes.submit(LanesTest.item("a"), item));

        lanes.members(List.of(await(first.start())));

        until(() -> item.ends.get() == 1);
        assertThat(item.failure).isEmpty();
        assertThat(states)
                .extracting(ReplicaState::phase)
                .containsSubsequence(Phase.CONNECTING, Phase.REFUSED, Phase.CONNECTING, Phase.REFUSED, Phase.READY);
        assertThat(states).anySatisfy(state -> assertThat(state.detail()).isEqualTo("head differs"));
    }

    @Test
    void streamBreaks_laneReconnectsAndItemsEnd() throws Exception {
        ScoringServer slow = new ScoringServer(vertx, 4, 30);
        lanes.members(List.of(await(slow.start())));
        Recording[] items = new Recording[20];
        for (int i = 0; i < items.length; i++) {
            items[i] = new Recording();
            await(lanes.submit(LanesTest.item("item-" + i), items[i]));
        }
        until(() -> slow.done.get() >= 4);

        slow.breakStreams(new IllegalStateException("crash"));

        for (Recording item : items) {
            until(() -> item.ends.get() == 1);
            assertThat(item.failure).isEmpty();
        }
    }

    @Test
    void itemCancelled_replicaIsToldAndListenerHearsNothing() throws Exception {
        ScoringServer slow = new ScoringServer(vertx, 4, 100);
        lanes.members(List.of(await(slow.start())));
        Recording item = new Recording();
        await(lanes.submit(LanesTest.item("a"), item));
        until(() -> item.attempts.get() == 1);

        lanes.cancel("a");

        until(() -> slow.cancelled.get() == 1);
        until(() -> slow.done.get() == 1);
        Recording again = new Recording();
        await(lanes.submit(LanesTest.item("a"), again));
        until(() -> again.ends.get() == 1);
        assertThat(item.ends).hasValue(0);
        assertThat(item.messages).hasValue(0);
    }

    @Test
    void sameIdTwice_secondIsRefused() throws Exception {
        await(lanes.submit(LanesTest.item("a"), new Recording()));

        assertThatThrownBy(() -> await(lanes.submit(LanesTest.item("a"), new Recording())))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("under way already");
    }

    @Test
    void replicaSilent_itemsGoToAnother() throws Exception {
        ScoringServer hung = new ScoringServer(vertx, 4, 60_000);
        PeerAddress hungAddress = await(hung.start());
        lanes.members(List.of(hungAddress));
        Recording item = new Recording();
        await(lanes.submit(LanesTest.item("a"), item));
        until(() -> item.attempts.get() == 1);

        lanes.members(List.of(await(first.start()), hungAddress));

        until(() -> item.ends.get() == 1);
        assertThat(first.done).hasValue(1);
    }

    @Test
    void listenerSlow_laneReadsNoFurther() throws Exception {
        lanes.members(List.of(await(first.start())));
        Promise<Void> gate = Promise.promise();
        Recording held = new Recording() {
            @Override
            public Future<Void> message(ScoreOut message) {
                super.message(message);
                return gate.future();
            }
        };
        await(lanes.submit(LanesTest.item("a"), held));
        until(() -> held.messages.get() == 1);
        Recording next = new Recording();
        await(lanes.submit(LanesTest.item("b"), next));
        until(() -> first.done.get() == 2);

        assertThat(held.messages).hasValue(1);
        assertThat(next.messages).hasValue(0);
        gate.complete();

        until(() -> held.ends.get() == 1 && next.ends.get() == 1);
        assertThat(held.messages).hasValue(3);
    }

    @Test
    void listenerFails_itemFailsAndTheLaneGoesOn() throws Exception {
        lanes.members(List.of(await(first.start())));
        Recording broken = new Recording() {
            @Override
            public Future<Void> message(ScoreOut message) {
                throw new IllegalArgumentException("cannot read this");
            }
        };
        Recording sound = new Recording();

        await(lanes.submit(LanesTest.item("a"), broken));
        await(lanes.submit(LanesTest.item("b"), sound));

        until(() -> broken.ends.get() == 1 && sound.ends.get() == 1);
        assertThat(broken.failure.get(0)).hasMessage("cannot read this");
        assertThat(sound.failure).isEmpty();
    }

    @Test
    void memberRemoved_finishesItsItemsAndGoes() throws Exception {
        ScoringServer slow = new ScoringServer(vertx, 4, 100);
        List<ReplicaState> states = new CopyOnWriteArrayList<>();
        lanes.onReplica(states::add);
        lanes.members(List.of(await(slow.start())));
        Recording item = new Recording();
        await(lanes.submit(LanesTest.item("a"), item));
        until(() -> item.attempts.get() == 1);

        lanes.members(List.of(await(first.start())));

        until(() -> item.ends.get() == 1);
        assertThat(item.attempts).hasValue(1);
        until(() -> states.stream().anyMatch(state -> state.phase() == Phase.REMOVED));
        until(() -> slow.server.callCount() == 0);
        assertThat(lanes.replicas()).hasSize(1);
    }

    private void awaitReady(int count) throws Exception {
        until(() -> lanes.replicas().stream()
                        .filter(state -> state.phase() == Phase.READY && state.credits() > 0)
                        .count()
                == count);
    }

    private Lanes<ScoreIn, ScoreOut> lanes(ScoringProtocol protocol) {
        return Lanes.create(vertx, TeacherScoringGrpcClient.Score, protocol, SETTINGS);
    }

    private static class Recording implements ItemListener<ScoreOut> {
        final AtomicInteger attempts = new AtomicInteger();
        final AtomicInteger messages = new AtomicInteger();
        final AtomicInteger ends = new AtomicInteger();
        final List<RpcException> failure = new CopyOnWriteArrayList<>();

        @Override
        public void started(PeerAddress replica, int attempt) {
            attempts.set(attempt);
        }

        @Override
        public Future<Void> message(ScoreOut message) {
            messages.incrementAndGet();
            return Future.succeededFuture();
        }

        @Override
        public void done() {
            ends.incrementAndGet();
        }

        @Override
        public void failed(RpcException cause) {
            failure.add(cause);
            ends.incrementAndGet();
        }
    }
}
