// SPDX-License-Identifier: Apache-2.0
package reflux.rpc;

import com.google.protobuf.ByteString;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import reflux.v1.Credit;
import reflux.v1.DescribeTeacherRequest;
import reflux.v1.Goodbye;
import reflux.v1.ItemStatus;
import reflux.v1.ModelCard;
import reflux.v1.ScoreBegin;
import reflux.v1.ScoreEnd;
import reflux.v1.ScoreIn;
import reflux.v1.ScoreOut;
import reflux.v1.ScoreRequest;
import reflux.v1.TeacherCard;
import reflux.v1.TeacherScoringGrpcService;
import reflux.v1.TensorFrame;
import reflux.v1.Welcome;
import reflux.wire.ItemStatuses;

/** A teacher that answers after a delay, with one frame of zeros. */
final class ScoringServer {
    final AtomicInteger done = new AtomicInteger();
    final AtomicInteger cancelled = new AtomicInteger();
    final AtomicInteger mostUnderWay = new AtomicInteger();
    final List<Throwable> closedWith = new ArrayList<>();
    final RpcServer server;
    private final Vertx vertx;
    private final int slots;
    private final List<StreamWriter<ScoreOut>> streams = new CopyOnWriteArrayList<>();
    private final long delayMillis;
    private int underWay;

    /** Set before use: is told each request; what it throws ends the stream. */
    Consumer<ScoreRequest> hook = request -> {};

    /** Set before use: how items end. */
    Function<ScoreRequest, ItemStatus> outcome = request -> ItemStatuses.OK;

    ScoringServer(Vertx vertx, int slots, long delayMillis) {
        this.vertx = vertx;
        this.slots = slots;
        this.delayMillis = delayMillis;
        this.server = RpcServer.create(
                        vertx, ServerSettings.at("127.0.0.1", 0), TeacherScoringGrpcService.SERVICE_DESCRIPTOR)
                .unary(TeacherScoringGrpcService.Describe, this::describe)
                .bidi(TeacherScoringGrpcService.Score, this::score);
    }

    /** Ends all streams with this failure. */
    void breakStreams(Throwable cause) {
        streams.forEach(stream -> stream.fail(cause));
    }

    Future<PeerAddress> start() {
        return server.start().map(port -> new PeerAddress("127.0.0.1", port));
    }

    private Future<TeacherCard> describe(DescribeTeacherRequest request) {
        return Future.succeededFuture(TeacherCard.newBuilder()
                .setModel(ModelCard.newBuilder().setName("zeros"))
                .build());
    }

    private void score(InboundStream<ScoreIn> in, StreamWriter<ScoreOut> out) {
        streams.add(out);
        CreditGate gate = new CreditGate(
                slots,
                items -> out.write(ScoreOut.newBuilder()
                        .setCredit(Credit.newBuilder().setItems(items))
                        .build()));
        out.onClosed(cause -> {
            if (cause != null) {
                closedWith.add(cause);
            }
        });
        out.onDrain(() -> {
            gate.stop();
            out.write(ScoreOut.newBuilder()
                    .setGoodbye(Goodbye.newBuilder().setReason("drain"))
                    .build());
        });
        in.onEnd(() -> gate.finish(out::end));
        in.read(message -> {
            switch (message.getKindCase()) {
                case HELLO -> {
                    out.write(ScoreOut.newBuilder()
                            .setWelcome(Welcome.getDefaultInstance())
                            .build());
                    gate.open(message.getHello().getWanted());
                }
                case SCORE -> {
                    gate.take();
                    hook.accept(message.getScore());
                    mostUnderWay.accumulateAndGet(++underWay, Math::max);
                    Runnable answer = () -> {
                        underWay--;
                        answer(message.getScore(), out);
                        gate.release();
                    };
                    if (delayMillis == 0) {
                        answer.run();
                    } else {
                        vertx.setTimer(delayMillis, ignored -> answer.run());
                    }
                }
                case CANCEL -> cancelled.incrementAndGet();
                default -> throw new IllegalArgumentException("unexpected " + message.getKindCase());
            }
        });
    }

    private void answer(ScoreRequest request, StreamWriter<ScoreOut> out) {
        if (!out.isOpen()) {
            return;
        }
        String id = request.getId();
        done.incrementAndGet();
        out.write(ScoreOut.newBuilder()
                .setBegin(ScoreBegin.newBuilder().setId(id))
                .build());
        out.write(ScoreOut.newBuilder()
                .setFrame(TensorFrame.newBuilder().setId(id).setData(ByteString.copyFrom(new byte[4096])))
                .build());
        out.write(ScoreOut.newBuilder()
                .setEnd(ScoreEnd.newBuilder().setId(id).setStatus(outcome.apply(request)))
                .build());
    }
}
