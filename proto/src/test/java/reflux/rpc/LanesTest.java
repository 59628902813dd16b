// SPDX-License-Identifier: Apache-2.0
package reflux.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static reflux.rpc.Awaiting.await;
import static reflux.rpc.Awaiting.until;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reflux.v1.ScoreIn;
import reflux.v1.ScoreOut;
import reflux.v1.ScoreRequest;
import reflux.v1.TeacherScoringGrpcClient;
import reflux.wire.CapacityException;

class LanesTest {
    private Vertx vertx;
    private Lanes<ScoreIn, ScoreOut> lanes;

    @BeforeEach
    void start() {
        vertx = Vertx.vertx();
        lanes = lanes(LaneSettings.defaults());
    }

    @AfterEach
    void stop() throws Exception {
        await(lanes.close());
        await(vertx.close());
    }

    @Test
    void oneReplicaKilledAndOneJoining_eachItemEndsExactlyOnce() throws Exception {
        ScoringServer[] servers = {
            new ScoringServer(vertx, 4, 2), new ScoringServer(vertx, 4, 2), new ScoringServer(vertx, 4, 20)
        };
        List<PeerAddress> members = new ArrayList<>();
        for (ScoringServer server : servers) {
            members.add(await(server.start()));
        }
        ScoringServer late = new ScoringServer(vertx, 4, 2);
        PeerAddress lateAddress = await(late.start());
        int items = 1000;
        Map<String, AtomicInteger> ends = new ConcurrentHashMap<>();
        CountDownLatch left = new CountDownLatch(items);
        AtomicInteger failures = new AtomicInteger();
        lanes.members(members);

        for (int i = 0; i < items; i++) {
            await(lanes.submit(item("item-" + i), new Counting() {
                @Override
                void end(String id) {
                    ends.computeIfAbsent(id, key -> new AtomicInteger()).incrementAndGet();
                    left.countDown();
                    if (left.getCount() == 800) {
                        servers[1].server.close();
                    }
                    if (left.getCount() == 600) {
                        members.add(lateAddress);
                        lanes.members(members);
                    }
                }

                @Override
                public void failed(RpcException cause) {
                    failures.incrementAndGet();
                    left.countDown();
                }
            }));
        }

        assertThat(left.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(failures).hasValue(0);
        assertThat(ends).hasSize(items);
        assertThat(ends.values()).allSatisfy(count -> assertThat(count).hasValue(1));
        assertThat(late.done.get()).isPositive();
        for (ScoringServer server : servers) {
            assertThat(server.mostUnderWay.get()).isLessThanOrEqualTo(4);
        }
    }

    @Test
    void noReplica_submitBeyondTheBoundFails() throws Exception {
        lanes.close();
        lanes = lanes(LaneSettings.defaults().withMaxWaiting(2));
        await(lanes.submit(item("a"), new Counting()));
        await(lanes.submit(item("b"), new Counting()));

        assertThatThrownBy(() -> await(lanes.submit(item("c"), new Counting())))
                .isInstanceOf(CapacityException.class)
                .hasMessageContaining("after 2 that wait");
    }

    @Test
    void replicaDrains_itemsUnderWayEndThereAndTheRestElsewhere() throws Exception {
        ScoringServer first = new ScoringServer(vertx, 4, 50);
        ScoringServer second = new ScoringServer(vertx, 4, 50);
        PeerAddress firstAddress = await(first.start());
        CountDownLatch left = new CountDownLatch(20);
        AtomicInteger attempts = new AtomicInteger();
        lanes.members(List.of(firstAddress));
        for (int i = 0; i < 20; i++) {
            await(lanes.submit(item("item-" + i), new Counting() {
                @Override
                public void started(PeerAddress replica, int attempt) {
                    attempts.incrementAndGet();
                }

                @Override
                void end(String id) {
                    left.countDown();
                }
            }));
        }
        until(() -> first.done.get() == 4);

        Future<Void> drained = first.server.drain(java.time.Duration.ofSeconds(5));
        lanes.members(List.of(firstAddress, await(second.start())));

        await(drained);
        assertThat(left.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(first.done.get() + second.done.get()).isEqualTo(20);
        assertThat(attempts).hasValue(20);
    }

    private Lanes<ScoreIn, ScoreOut> lanes(LaneSettings settings) {
        return Lanes.create(vertx, TeacherScoringGrpcClient.Score, new ScoringProtocol(), settings);
    }

    static LaneItem<ScoreIn> item(String id) {
        return new LaneItem<>(
                id,
                10,
                ScoreIn.newBuilder()
                        .setScore(ScoreRequest.newBuilder().setId(id))
                        .build());
    }

    /** Remembers the id of the last message. */
    static class Counting implements ItemListener<ScoreOut> {
        private String id = "";

        @Override
        public Future<Void> message(ScoreOut message) {
            if (message.hasEnd()) {
                id = message.getEnd().getId();
            }
            return Future.succeededFuture();
        }

        @Override
        public void done() {
            end(id);
        }

        @Override
        public void failed(RpcException cause) {}

        void end(String ended) {}
    }
}
