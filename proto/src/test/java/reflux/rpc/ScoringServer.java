// SPDX-License-Identifier: Apache-2.0
package reflux.rpc;

import com.google.protobuf.ByteString;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import reflux.v1.Credit;
import reflux.v1.DescribeTeacherRequest;
import reflux.v1.Goodbye;
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
    private final long delayMillis;
    private int underWay;

    /** Set before use: what to do with a request instead of scoring it. */
    Consumer<ScoreRequest> hook = request -> {};

    ScoringServer(Vertx vertx, int slots, long delayMillis) {
        this.vertx = vertx;
        this.slots = slots;
        this.delayMillis = delayMillis;
        this.server = RpcServer.create(
                        vertx, ServerSettings.at("127.0.0.1", 0), TeacherScoringGrpcService.SERVICE_DESCRIPTOR)
                .unary(TeacherScoringGrpcService.Describe, this::describe)
                .bidi(TeacherScoringGrpcService.Score, this::score);
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
                        answer(message.getScore().getId(), out);
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

    private void answer(String id, StreamWriter<ScoreOut> out) {
        if (!out.isOpen()) {
            return;
        }
        done.incrementAndGet();
        out.write(ScoreOut.newBuilder()
                .setBegin(ScoreBegin.newBuilder().setId(id))
                .build());
        out.write(ScoreOut.newBuilder()
                .setFrame(TensorFrame.newBuilder().setId(id).setData(ByteString.copyFrom(new byte[4096])))
                .build());
        out.write(ScoreOut.newBuilder()
                .setEnd(ScoreEnd.newBuilder().setId(id).setStatus(ItemStatuses.OK))
                .build());
    }
}
