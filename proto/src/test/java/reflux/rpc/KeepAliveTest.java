// SPDX-License-Identifier: Apache-2.0
package reflux.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static reflux.rpc.Awaiting.await;
import static reflux.rpc.Awaiting.failureOf;
import static reflux.rpc.Awaiting.until;

import io.vertx.core.Vertx;
import io.vertx.grpc.common.GrpcStatus;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reflux.v1.ScoreIn;
import reflux.v1.ScoreOut;
import reflux.v1.TeacherScoringGrpcClient;

class KeepAliveTest {
    private static final ClientSettings FAST =
            ClientSettings.defaults().withKeepAlive(new KeepAlive(Duration.ofMillis(100), Duration.ofMillis(200)));

    private Vertx vertx;

    @BeforeEach
    void start() {
        vertx = Vertx.vertx();
    }

    @AfterEach
    void stop() throws Exception {
        await(vertx.close());
    }

    @Test
    void peerBlackHoled_clientStreamFailsWithUnavailable() throws Exception {
        ScoringServer teacher = new ScoringServer(vertx, 4, 0);
        FaultProxy proxy = new FaultProxy(vertx, await(teacher.start()));
        RpcClient client = RpcClient.create(vertx, await(proxy.start()), FAST);
        CountDownLatch welcomed = new CountDownLatch(1);
        ClientStream<ScoreIn, ScoreOut> stream = client.bidi(
                TeacherScoringGrpcClient.Score, new ScoringProtocol().hello(), message -> welcomed.countDown());
        assertThat(welcomed.await(10, TimeUnit.SECONDS)).isTrue();

        long from = System.nanoTime();
        proxy.blackHole();

        assertThat(failureOf(stream.completed()).status()).isEqualTo(GrpcStatus.UNAVAILABLE);
        assertThat(Duration.ofNanos(System.nanoTime() - from)).isLessThan(Duration.ofSeconds(3));
        await(client.close());
    }

    @Test
    void peerBlackHoled_serverForgetsTheStream() throws Exception {
        ServerSettings settings = ServerSettings.at("127.0.0.1", 0)
                .withKeepAlive(new KeepAlive(Duration.ofMillis(100), Duration.ofMillis(200)));
        AtomicInteger closed = new AtomicInteger();
        RpcServer server = RpcServer.create(vertx, settings)
                .<ScoreIn, ScoreOut>bidi(reflux.v1.TeacherScoringGrpcService.Score, (in, out) -> {
                    out.onClosed(cause -> closed.incrementAndGet());
                    in.read(message -> out.write(ScoreOut.getDefaultInstance()));
                });
        FaultProxy proxy = new FaultProxy(vertx, new PeerAddress("127.0.0.1", await(server.start())));
        RpcClient client = RpcClient.create(vertx, await(proxy.start()), ClientSettings.defaults());
        CountDownLatch answered = new CountDownLatch(1);
        client.bidi(TeacherScoringGrpcClient.Score, new ScoringProtocol().hello(), message -> answered.countDown());
        assertThat(answered.await(10, TimeUnit.SECONDS)).isTrue();

        proxy.blackHole();

        until(() -> closed.get() == 1);
        proxy.cut();
        await(client.close());
    }

    @Test
    void replicaBlackHoled_itsItemsEndOnAnother() throws Exception {
        ScoringServer healthy = new ScoringServer(vertx, 4, 20);
        ScoringServer vanishing = new ScoringServer(vertx, 4, 20);
        FaultProxy proxy = new FaultProxy(vertx, await(vanishing.start()));
        Lanes<ScoreIn, ScoreOut> lanes = Lanes.create(
                vertx,
                TeacherScoringGrpcClient.Score,
                new ScoringProtocol(),
                LaneSettings.defaults().withClient(FAST));
        lanes.members(List.of(await(healthy.start()), await(proxy.start())));
        until(() -> lanes.replicas().stream()
                        .filter(r -> r.phase() == ReplicaState.Phase.READY)
                        .count()
                == 2);
        CountDownLatch left = new CountDownLatch(40);

        for (int i = 0; i < 40; i++) {
            if (i == 10) {
                proxy.blackHole();
            }
            await(lanes.submit(LanesTest.item("item-" + i), new LanesTest.Counting() {
                @Override
                void end(String id) {
                    left.countDown();
                }
            }));
        }

        assertThat(left.await(10, TimeUnit.SECONDS)).isTrue();
        await(lanes.close());
    }
}
