// SPDX-License-Identifier: Apache-2.0
package reflux.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static reflux.rpc.Awaiting.await;
import static reflux.rpc.Awaiting.failureOf;
import static reflux.rpc.Awaiting.until;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.rpc.ErrorInfo;
import com.google.rpc.Status;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.grpc.common.GrpcStatus;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reflux.v1.Credit;
import reflux.v1.DescribeTeacherRequest;
import reflux.v1.FetchLmHeadRequest;
import reflux.v1.Goodbye;
import reflux.v1.HeadOut;
import reflux.v1.ScoreIn;
import reflux.v1.ScoreOut;
import reflux.v1.ScoreRequest;
import reflux.v1.TeacherCard;
import reflux.v1.TeacherScoringGrpcClient;
import reflux.v1.TeacherScoringGrpcService;
import reflux.v1.TensorFrame;

class RpcServerTest {
    private Vertx vertx;
    private RpcServer server;
    private RpcClient client;

    @BeforeEach
    void start() {
        vertx = Vertx.vertx();
        server = RpcServer.create(
                vertx, ServerSettings.at("127.0.0.1", 0), TeacherScoringGrpcService.SERVICE_DESCRIPTOR);
    }

    @AfterEach
    void stop() throws Exception {
        await(client.close());
        await(server.close());
        await(vertx.close());
    }

    @Test
    void unaryFails_statusMessageAndDetailsArrive() throws Exception {
        Status details = Status.newBuilder()
                .setCode(9)
                .addDetails(Any.pack(ErrorInfo.newBuilder().setReason("STALE").build()))
                .build();
        server.unary(
                TeacherScoringGrpcService.Describe,
                request -> Future.failedFuture(
                        new RpcException(GrpcStatus.FAILED_PRECONDITION, "head differs: é 100 %", false, details)));
        connect();

        RpcException failure =
                failureOf(client.call(TeacherScoringGrpcClient.Describe, DescribeTeacherRequest.getDefaultInstance()));

        assertThat(failure.status()).isEqualTo(GrpcStatus.FAILED_PRECONDITION);
        assertThat(failure).hasMessage("head differs: é 100 %");
        assertThat(failure.details().getDetails(0).unpack(ErrorInfo.class).getReason())
                .isEqualTo("STALE");
    }

    @Test
    void streamFailsAfterMessages_statusMessageAndDetailsArrive() throws Exception {
        Status details = Status.newBuilder()
                .setCode(15)
                .addDetails(Any.pack(ErrorInfo.newBuilder().setReason("CRC").build()))
                .build();
        server.serverStream(TeacherScoringGrpcService.FetchLmHead, (request, out) -> {
            out.write(HeadOut.getDefaultInstance());
            out.fail(new RpcException(GrpcStatus.DATA_LOSS, "frame 7: 50 % ü", true, details));
        });
        connect();
        AtomicInteger messages = new AtomicInteger();

        RpcException failure = failureOf(client.serverStream(
                        TeacherScoringGrpcClient.FetchLmHead,
                        FetchLmHeadRequest.getDefaultInstance(),
                        message -> messages.incrementAndGet())
                .completed());

        assertThat(messages).hasValue(1);
        assertThat(failure.status()).isEqualTo(GrpcStatus.DATA_LOSS);
        assertThat(failure).hasMessage("frame 7: 50 % ü");
        assertThat(failure.details().getDetailsCount()).isEqualTo(1);
    }

    @Test
    void handlerThrows_bugIsInternalWithoutItsText() throws Exception {
        server.unary(TeacherScoringGrpcService.Describe, request -> {
            throw new IllegalStateException("secret");
        });
        connect();

        RpcException failure =
                failureOf(client.call(TeacherScoringGrpcClient.Describe, DescribeTeacherRequest.getDefaultInstance()));

        assertThat(failure.status()).isEqualTo(GrpcStatus.INTERNAL);
        assertThat(failure.getMessage()).doesNotContain("secret");
    }

    @Test
    void methodNotServed_unimplemented() throws Exception {
        connect();

        RpcException failure =
                failureOf(client.call(TeacherScoringGrpcClient.Describe, DescribeTeacherRequest.getDefaultInstance()));

        assertThat(failure.status()).isEqualTo(GrpcStatus.UNIMPLEMENTED);
    }

    @Test
    void noAnswerInTime_deadlineExceeded() throws Exception {
        server.unary(TeacherScoringGrpcService.Describe, request -> Promise.<TeacherCard>promise()
                .future());
        connect();

        RpcException failure = failureOf(client.call(
                TeacherScoringGrpcClient.Describe,
                DescribeTeacherRequest.getDefaultInstance(),
                Duration.ofMillis(100)));

        assertThat(failure.status()).isEqualTo(GrpcStatus.DEADLINE_EXCEEDED);
    }

    @Test
    void nobodyListens_unavailable() throws Exception {
        connect();
        await(server.close());

        RpcException failure =
                failureOf(client.call(TeacherScoringGrpcClient.Describe, DescribeTeacherRequest.getDefaultInstance()));

        assertThat(failure.status()).isEqualTo(GrpcStatus.UNAVAILABLE);
        assertThat(failure.isRetryable()).isTrue();
        assertThat(failure).hasMessageContaining(client.peer().toString());
    }

    @Test
    void creditOverused_resourceExhausted() throws Exception {
        CreditGate[] gate = new CreditGate[1];
        server.bidi(TeacherScoringGrpcService.Score, (in, out) -> {
            gate[0] = new CreditGate(
                    2,
                    items -> out.write(ScoreOut.newBuilder()
                            .setCredit(Credit.newBuilder().setItems(items))
                            .build()));
            in.read(message -> {
                if (message.hasHello()) {
                    gate[0].open(message.getHello().getWanted());
                } else {
                    gate[0].take();
                }
            });
        });
        connect();
        ClientStream<ScoreIn, ScoreOut> stream =
                client.bidi(TeacherScoringGrpcClient.Score, new ScoringProtocol().hello(), message -> {});

        for (int i = 0; i < 3; i++) {
            stream.writer().write(score(ByteString.EMPTY));
        }

        RpcException failure = failureOf(stream.completed());
        assertThat(failure.status()).isEqualTo(GrpcStatus.RESOURCE_EXHAUSTED);
        assertThat(failure).hasMessageContaining("credit is used up");
    }

    @Test
    void requestTooLarge_resourceExhausted() throws Exception {
        server.bidi(TeacherScoringGrpcService.Score, (in, out) -> in.read(message -> {}));
        connect();

        RpcException failure = failureOf(client.bidi(
                        TeacherScoringGrpcClient.Score,
                        score(ByteString.copyFrom(new byte[(1 << 20) + 1])),
                        message -> {})
                .completed());

        assertThat(failure.status()).isEqualTo(GrpcStatus.RESOURCE_EXHAUSTED);
    }

    @Test
    void responseTooLarge_resourceExhausted() throws Exception {
        server.serverStream(TeacherScoringGrpcService.FetchLmHead, (request, out) -> {
            out.write(frame((1 << 20) + 1));
            out.end();
        });
        connect();

        RpcException failure = failureOf(client.serverStream(
                        TeacherScoringGrpcClient.FetchLmHead, FetchLmHeadRequest.getDefaultInstance(), message -> {})
                .completed());

        assertThat(failure.status()).isEqualTo(GrpcStatus.RESOURCE_EXHAUSTED);
    }

    @Test
    void largestMessage_passesBothWays() throws Exception {
        server.bidi(TeacherScoringGrpcService.Score, (in, out) -> {
            in.onEnd(out::end);
            in.read(message -> out.write(ScoreOut.newBuilder()
                    .setFrame(
                            TensorFrame.newBuilder().setData(message.getScore().getResponse()))
                    .build()));
        });
        connect();
        AtomicInteger bytes = new AtomicInteger();
        ByteString data = ByteString.copyFrom(new byte[(1 << 20) - 64]);

        ClientStream<ScoreIn, ScoreOut> stream = client.bidi(
                TeacherScoringGrpcClient.Score,
                score(data),
                message -> bytes.addAndGet(message.getFrame().getData().size()));
        stream.writer().end();

        await(stream.completed());
        assertThat(bytes).hasValue(data.size());
    }

    @Test
    void clientCancels_serverIsTold() throws Exception {
        AtomicReference<Throwable> closed = new AtomicReference<>();
        CountDownLatch first = new CountDownLatch(1);
        server.serverStream(TeacherScoringGrpcService.FetchLmHead, (request, out) -> {
            out.onClosed(closed::set);
            out.write(HeadOut.getDefaultInstance());
        });
        connect();
        ClientStream<FetchLmHeadRequest, HeadOut> stream = client.serverStream(
                TeacherScoringGrpcClient.FetchLmHead,
                FetchLmHeadRequest.getDefaultInstance(),
                message -> first.countDown());
        assertThat(first.await(10, TimeUnit.SECONDS)).isTrue();

        stream.cancel();

        until(() -> closed.get() != null);
        assertThat(((RpcException) closed.get()).status()).isEqualTo(GrpcStatus.CANCELLED);
        assertThat(failureOf(stream.completed()).status()).isEqualTo(GrpcStatus.CANCELLED);
    }

    @Test
    void clientVanishes_serverIsTold() throws Exception {
        AtomicReference<Throwable> closed = new AtomicReference<>();
        CountDownLatch first = new CountDownLatch(1);
        server.bidi(TeacherScoringGrpcService.Score, (in, out) -> {
            out.onClosed(closed::set);
            in.read(message -> out.write(ScoreOut.getDefaultInstance()));
        });
        int port = await(server.start());
        client = RpcClient.create(vertx, new PeerAddress("127.0.0.1", port), ClientSettings.defaults());
        FaultProxy proxy = new FaultProxy(vertx, client.peer());
        RpcClient other = RpcClient.create(vertx, await(proxy.start()), ClientSettings.defaults());
        other.bidi(TeacherScoringGrpcClient.Score, new ScoringProtocol().hello(), message -> first.countDown());
        assertThat(first.await(10, TimeUnit.SECONDS)).isTrue();

        proxy.cut();

        until(() -> closed.get() != null);
        await(other.close());
    }

    @Test
    void writesAfterTheEnd_failWithoutThrowing() throws Exception {
        CountDownLatch refused = new CountDownLatch(2);
        server.serverStream(TeacherScoringGrpcService.FetchLmHead, (request, out) -> {
            out.end();
            out.write(HeadOut.getDefaultInstance()).onFailure(cause -> refused.countDown());
            out.end();
            out.fail(new IllegalArgumentException("too late"));
            out.onClosed(cause -> out.write(HeadOut.getDefaultInstance()).onFailure(e -> refused.countDown()));
        });
        connect();

        await(client.serverStream(
                        TeacherScoringGrpcClient.FetchLmHead, FetchLmHeadRequest.getDefaultInstance(), message -> {})
                .completed());

        assertThat(refused.await(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void slowReader_pacedWriterStaysWithinTheWindow() throws Exception {
        AtomicInteger written = new AtomicInteger();
        server.serverStream(TeacherScoringGrpcService.FetchLmHead, (request, out) -> writeNext(out, written, 400));
        connect();
        AtomicInteger read = new AtomicInteger();
        CountDownLatch first = new CountDownLatch(1);
        List<ClientStream<?, ?>> stream = new CopyOnWriteArrayList<>();
        CountDownLatch paused = new CountDownLatch(1);
        stream.add(client.serverStream(
                TeacherScoringGrpcClient.FetchLmHead, FetchLmHeadRequest.getDefaultInstance(), message -> {
                    read.incrementAndGet();
                    if (first.getCount() == 1) {
                        first.countDown();
                        stream.get(0).pause();
                        paused.countDown();
                    }
                }));
        assertThat(paused.await(10, TimeUnit.SECONDS)).isTrue();

        awaitStandstill(written);

        int bytesAhead = (written.get() - read.get()) * (256 << 10);
        assertThat(written.get()).isLessThan(400);
        assertThat(bytesAhead).isLessThan(16 << 20);
        stream.get(0).resume();
        await(stream.get(0).completed());
        assertThat(read).hasValue(400);
    }

    @Test
    void slowReader_unpacedWriterIsEnded() throws Exception {
        AtomicReference<Throwable> closed = new AtomicReference<>();
        server.serverStream(TeacherScoringGrpcService.FetchLmHead, (request, out) -> {
            out.onClosed(closed::set);
            for (int i = 0; i < 1000; i++) {
                out.write(frame(256 << 10));
            }
        });
        connect();
        ClientStream<?, ?> stream = client.serverStream(
                TeacherScoringGrpcClient.FetchLmHead, FetchLmHeadRequest.getDefaultInstance(), message -> {});
        stream.pause();

        until(() -> closed.get() != null);

        assertThat(((RpcException) closed.get()).status()).isEqualTo(GrpcStatus.RESOURCE_EXHAUSTED);
        assertThat(failureOf(stream.completed()).status()).isEqualTo(GrpcStatus.CANCELLED);
    }

    @Test
    void endBehindASlowReader_connectionLost_serverForgetsTheStream() throws Exception {
        CountDownLatch closed = new CountDownLatch(2);
        server.serverStream(TeacherScoringGrpcService.FetchLmHead, (request, out) -> {
            out.onClosed(cause -> closed.countDown());
            for (int i = 0; i < 100; i++) {
                out.write(frame(256 << 10));
            }
            out.end();
        });
        connect();
        FaultProxy proxy = new FaultProxy(vertx, client.peer());
        RpcClient other = RpcClient.create(vertx, await(proxy.start()), ClientSettings.defaults());
        for (RpcClient reader : List.of(client, other)) {
            ClientStream<?, ?> stream = reader.serverStream(
                    TeacherScoringGrpcClient.FetchLmHead, FetchLmHeadRequest.getDefaultInstance(), message -> {});
            stream.pause();
            until(() -> server.callCount() > 0);
            if (reader == client) {
                stream.cancel();
            } else {
                proxy.cut();
            }
            until(() -> server.callCount() == 0);
        }

        assertThat(closed.await(10, TimeUnit.SECONDS)).isTrue();
        await(other.close());
    }

    @Test
    void streamCancelledWithUnsentMessages_otherStreamsOfTheConnectionLive() throws Exception {
        server.serverStream(TeacherScoringGrpcService.FetchLmHead, (request, out) -> {
            for (int i = 0; i < 100; i++) {
                out.write(frame(256 << 10));
            }
        });
        server.bidi(TeacherScoringGrpcService.Score, (in, out) -> {
            in.onEnd(out::end);
            in.read(message -> out.write(ScoreOut.getDefaultInstance()));
        });
        connect();
        AtomicInteger echoed = new AtomicInteger();
        ClientStream<ScoreIn, ScoreOut> living = client.bidi(
                TeacherScoringGrpcClient.Score, new ScoringProtocol().hello(), message -> echoed.incrementAndGet());
        until(() -> echoed.get() == 1);
        for (int i = 0; i < 5; i++) {
            ClientStream<?, ?> stream = client.serverStream(
                    TeacherScoringGrpcClient.FetchLmHead, FetchLmHeadRequest.getDefaultInstance(), message -> {});
            stream.pause();
            until(() -> server.callCount() == 2);
            stream.cancel();
            until(() -> server.callCount() == 1);
        }

        living.writer().write(score(ByteString.EMPTY));
        living.writer().end();

        await(living.completed());
        assertThat(echoed).hasValue(2);
    }

    @Test
    void pausedStream_doesNotStallCalls() throws Exception {
        server.serverStream(
                        TeacherScoringGrpcService.FetchLmHead,
                        (request, out) -> writeNext(out, new AtomicInteger(), 400))
                .unary(
                        TeacherScoringGrpcService.Describe,
                        request -> Future.succeededFuture(TeacherCard.getDefaultInstance()));
        connect();
        ClientStream<?, ?> stream = client.serverStream(
                TeacherScoringGrpcClient.FetchLmHead, FetchLmHeadRequest.getDefaultInstance(), message -> {});
        stream.pause();

        for (int i = 0; i < 20; i++) {
            await(client.call(TeacherScoringGrpcClient.Describe, DescribeTeacherRequest.getDefaultInstance()));
        }

        stream.cancel();
    }

    @Test
    void manyCancels_connectionSurvives() throws Exception {
        server.serverStream(
                TeacherScoringGrpcService.FetchLmHead, (request, out) -> out.write(HeadOut.getDefaultInstance()));
        connect();

        for (int i = 0; i < 400; i++) {
            CountDownLatch first = new CountDownLatch(1);
            ClientStream<?, ?> stream = client.serverStream(
                    TeacherScoringGrpcClient.FetchLmHead,
                    FetchLmHeadRequest.getDefaultInstance(),
                    message -> first.countDown());
            assertThat(first.await(10, TimeUnit.SECONDS)).isTrue();
            stream.cancel();
        }
    }

    @Test
    void drainWithLongStreams_completesOnceTheyEnd() throws Exception {
        server.bidi(TeacherScoringGrpcService.Score, (in, out) -> {
            out.onDrain(() -> out.write(ScoreOut.newBuilder()
                    .setGoodbye(Goodbye.newBuilder().setReason("drain"))
                    .build()));
            in.onEnd(out::end);
            in.read(message -> out.write(ScoreOut.getDefaultInstance()));
        });
        connect();
        CountDownLatch open = new CountDownLatch(10);
        CountDownLatch over = new CountDownLatch(10);
        for (int i = 0; i < 10; i++) {
            List<ClientStream<ScoreIn, ScoreOut>> self = new CopyOnWriteArrayList<>();
            self.add(client.bidi(TeacherScoringGrpcClient.Score, new ScoringProtocol().hello(), message -> {
                open.countDown();
                if (message.hasGoodbye()) {
                    self.get(0).writer().end();
                }
            }));
            self.get(0).completed().onSuccess(done -> over.countDown());
        }
        assertThat(open.await(10, TimeUnit.SECONDS)).isTrue();

        long from = System.nanoTime();
        await(server.drain(Duration.ofSeconds(10)));

        assertThat(Duration.ofNanos(System.nanoTime() - from)).isLessThan(Duration.ofSeconds(2));
        assertThat(over.await(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void drainWithAStreamThatDoesNotEnd_completesAtTheLimit() throws Exception {
        server.bidi(
                TeacherScoringGrpcService.Score,
                (in, out) -> in.read(message -> out.write(ScoreOut.getDefaultInstance())));
        connect();
        CountDownLatch open = new CountDownLatch(1);
        ClientStream<ScoreIn, ScoreOut> stream =
                client.bidi(TeacherScoringGrpcClient.Score, new ScoringProtocol().hello(), message -> open.countDown());
        assertThat(open.await(10, TimeUnit.SECONDS)).isTrue();

        await(server.drain(Duration.ofMillis(200)));

        assertThat(failureOf(stream.completed()).status()).isEqualTo(GrpcStatus.UNAVAILABLE);
    }

    private void connect() throws Exception {
        int port = await(server.start());
        client = RpcClient.create(vertx, new PeerAddress("127.0.0.1", port), ClientSettings.defaults());
    }

    private static void writeNext(StreamWriter<HeadOut> out, AtomicInteger written, int count) {
        if (written.get() == count) {
            out.end();
            return;
        }
        written.incrementAndGet();
        out.write(frame(256 << 10)).onSuccess(next -> writeNext(out, written, count));
    }

    /** Returns once the count has not moved for a quarter of a second. */
    private static void awaitStandstill(AtomicInteger count) throws Exception {
        AtomicInteger seen = new AtomicInteger(-1);
        long[] since = {System.nanoTime()};
        until(() -> {
            if (seen.getAndSet(count.get()) != count.get()) {
                since[0] = System.nanoTime();
            }
            return System.nanoTime() - since[0] > 250_000_000L;
        });
    }

    private static HeadOut frame(int bytes) {
        return HeadOut.newBuilder()
                .setFrame(TensorFrame.newBuilder().setData(ByteString.copyFrom(new byte[bytes])))
                .build();
    }

    private static ScoreIn score(ByteString response) {
        return ScoreIn.newBuilder()
                .setScore(ScoreRequest.newBuilder().setId("a").setResponse(response))
                .build();
    }
}
