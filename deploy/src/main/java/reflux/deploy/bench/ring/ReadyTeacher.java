// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.bench.ring;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.ByteBuffer;
import java.util.List;
import reflux.rpc.CreditGate;
import reflux.rpc.InboundStream;
import reflux.rpc.PeerAddress;
import reflux.rpc.RpcServer;
import reflux.rpc.ServerSettings;
import reflux.rpc.StreamWriter;
import reflux.v1.Credit;
import reflux.v1.Fingerprints;
import reflux.v1.ModelCard;
import reflux.v1.ScoreBegin;
import reflux.v1.ScoreEnd;
import reflux.v1.ScoreIn;
import reflux.v1.ScoreOut;
import reflux.v1.Teacher;
import reflux.v1.TeacherCard;
import reflux.v1.TeacherScoringGrpcService;
import reflux.v1.TensorHeader;
import reflux.v1.Welcome;
import reflux.wire.ItemStatuses;
import reflux.wire.TensorFrames;

/**
 * A teacher without a model: it answers each request with the same hidden states [N, D], which are ready in memory, by the
 * contract and at the pace of its clients. Confined to its server's context.
 */
final class ReadyTeacher {
    /** Of the LM head that its states are said to belong to. */
    static final String HEAD = "ready-frames";

    private static final int ITEMS_AT_ONCE = 64;

    private final TensorHeader header;
    private final ByteBuffer states;
    private final RpcServer server;

    private ReadyTeacher(Vertx vertx, TensorHeader header, ByteBuffer states) {
        this.header = header;
        this.states = states;
        this.server = RpcServer.create(
                        vertx,
                        ServerSettings.at(new PeerAddress("127.0.0.1", 0)),
                        Teacher.getDescriptor().findServiceByName("TeacherScoring"))
                .unary(TeacherScoringGrpcService.Describe, request -> Future.succeededFuture(card()))
                .bidi(TeacherScoringGrpcService.Score, (in, out) -> new Answers(out).read(in));
    }

    /** Listens on a free port. */
    static Future<ReadyTeacher> start(Vertx vertx, TensorHeader header, ByteBuffer states) {
        ReadyTeacher teacher = new ReadyTeacher(vertx, header, states);
        return teacher.server.start().map(teacher);
    }

    String address() {
        return "127.0.0.1:" + server.port();
    }

    Future<Void> close() {
        return server.close();
    }

    private TeacherCard card() {
        return TeacherCard.newBuilder().setModel(model()).build();
    }

    private ModelCard model() {
        return ModelCard.newBuilder()
                .setName("ready frames")
                .setHiddenSize((int) header.getShape(1))
                .setFingerprints(Fingerprints.newBuilder().setLmHead(HEAD))
                .build();
    }

    /** One client's stream. */
    private final class Answers {
        private final StreamWriter<ScoreOut> out;
        private final CreditGate gate;
        private Future<Void> last = Future.succeededFuture();

        Answers(StreamWriter<ScoreOut> out) {
            this.out = out;
            this.gate = new CreditGate(
                    ITEMS_AT_ONCE,
                    items -> say(
                            ScoreOut.newBuilder().setCredit(Credit.newBuilder().setItems(items))));
        }

        void read(InboundStream<ScoreIn> in) {
            in.onEnd(out::end);
            in.read(this::take);
        }

        private void take(ScoreIn message) {
            if (message.hasHello()) {
                say(ScoreOut.newBuilder().setWelcome(Welcome.newBuilder().setModel(model())));
                gate.open(message.getHello().getWanted());
            } else if (message.hasScore()) {
                gate.take();
                String id = message.getScore().getId();
                last = last.compose(sent -> answer(id));
                last.onFailure(out::fail);
            }
        }

        private Future<Void> answer(String id) {
            int rows = (int) header.getShape(0);
            ScoreBegin.Builder begin =
                    ScoreBegin.newBuilder().setId(id).addTensors(header).setLmHeadFingerprint(HEAD);
            for (int i = 0; i < rows; i++) {
                begin.addTokenIds(i).addEnds(1);
            }
            return say(ScoreOut.newBuilder().setBegin(begin))
                    .compose(written -> frames(TensorFrames.cut(id, List.of(states))))
                    .compose(written -> {
                        ScoreEnd end = ScoreEnd.newBuilder()
                                .setId(id)
                                .setStatus(ItemStatuses.OK)
                                .build();
                        Future<Void> said = say(ScoreOut.newBuilder().setEnd(end));
                        gate.release();
                        return said;
                    });
        }

        private Future<Void> frames(TensorFrames frames) {
            while (frames.hasNext()) {
                Future<Void> written = say(ScoreOut.newBuilder().setFrame(frames.next()));
                if (!written.succeeded()) {
                    return written.compose(later -> frames(frames));
                }
            }
            return Future.succeededFuture();
        }

        private Future<Void> say(ScoreOut.Builder message) {
            return out.write(message.build());
        }
    }
}
