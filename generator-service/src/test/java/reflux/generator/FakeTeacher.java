// SPDX-License-Identifier: Apache-2.0
package reflux.generator;

import com.google.protobuf.ByteString;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import reflux.rpc.FailureStatus;
import reflux.rpc.InboundStream;
import reflux.rpc.RpcServer;
import reflux.rpc.ServerSettings;
import reflux.rpc.StreamWriter;
import reflux.v1.Credit;
import reflux.v1.DataType;
import reflux.v1.Fingerprints;
import reflux.v1.ModelCard;
import reflux.v1.ScoreBegin;
import reflux.v1.ScoreEnd;
import reflux.v1.ScoreIn;
import reflux.v1.ScoreOut;
import reflux.v1.ScoreRequest;
import reflux.v1.TeacherScoringGrpcService;
import reflux.v1.TensorHeader;
import reflux.v1.Welcome;
import reflux.wire.FingerprintCheck;
import reflux.wire.ItemStatuses;
import reflux.wire.TensorFrames;
import reflux.wire.TensorHeaders;

/** A teacher whose "hidden states" are a plain function of the response's bytes, and whose other scores of their names. */
final class FakeTeacher {
    /** So wide that an item has several frames. */
    static final int WIDTH = 8192;

    final ConcurrentLinkedQueue<ScoreRequest> requests = new ConcurrentLinkedQueue<>();
    final CompletableFuture<Void> stalled = new CompletableFuture<>();
    private final RpcServer server;
    private final Fingerprints fingerprints;
    private final boolean stallsInMidItem;
    private int port;

    private FakeTeacher(Vertx vertx, Fingerprints fingerprints, boolean stallsInMidItem) {
        this.fingerprints = fingerprints;
        this.stallsInMidItem = stallsInMidItem;
        this.server = RpcServer.create(
                        vertx, ServerSettings.at("127.0.0.1", 0), TeacherScoringGrpcService.SERVICE_DESCRIPTOR)
                .bidi(TeacherScoringGrpcService.Score, this::serve);
    }

    static FakeTeacher start(Vertx vertx, Fingerprints fingerprints) {
        return new FakeTeacher(vertx, fingerprints, false).started();
    }

    /** Sends the first frame of each item and no more. */
    static FakeTeacher startStalling(Vertx vertx, Fingerprints fingerprints) {
        return new FakeTeacher(vertx, fingerprints, true).started();
    }

    static Fingerprints fingerprints(String tokenizer, String head) {
        return Fingerprints.newBuilder().setTokenizer(tokenizer).setLmHead(head).build();
    }

    /** [N, WIDTH] F32 of N bytes. */
    static ByteBuffer hidden(ByteString response) {
        ByteBuffer values = ByteBuffer.allocate(response.size() * WIDTH * 4).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < response.size(); i++) {
            for (int j = 0; j < WIDTH; j++) {
                values.putFloat(response.byteAt(i) + j / 8f);
            }
        }
        return values.flip();
    }

    /** The tensors that a request is answered with, in the order of its payloads. */
    static List<TensorHeader> layout(ScoreRequest request) {
        int n = request.getResponse().size();
        return request.getPayloadsList().stream()
                .flatMap(payload -> switch (payload.getKind()) {
                    case PAYLOAD_KIND_SAMPLED_LOG_PROB ->
                        Stream.of(TensorHeaders.of("log_probs", DataType.DATA_TYPE_F32, n));
                    case PAYLOAD_KIND_TOP_K ->
                        Stream.of(
                                TensorHeaders.of("top_ids", DataType.DATA_TYPE_I32, n, payload.getK()),
                                TensorHeaders.of("top_log_probs", DataType.DATA_TYPE_F32, n, payload.getK()),
                                TensorHeaders.of("tail_log_mass", DataType.DATA_TYPE_F32, n));
                    case PAYLOAD_KIND_FULL_LOGITS -> Stream.of(TensorHeaders.of("logits", payload.getType(), n, 999));
                    default -> Stream.of(TensorHeaders.of("hidden", DataType.DATA_TYPE_F32, n, WIDTH));
                })
                .toList();
    }

    /** The bytes of one of them. */
    static ByteBuffer content(TensorHeader header, ByteString response) {
        if (header.getName().equals("hidden")) {
            return hidden(response);
        }
        byte[] bytes = new byte[(int) header.getBytes()];
        new Random(header.getName().hashCode()).nextBytes(bytes);
        return ByteBuffer.wrap(bytes);
    }

    String address() {
        return "127.0.0.1:" + port;
    }

    Future<Void> kill() {
        return server.close();
    }

    private FakeTeacher started() {
        port = Waiting.on(server.start());
        return this;
    }

    private void serve(InboundStream<ScoreIn> inbound, StreamWriter<ScoreOut> writer) {
        inbound.onEnd(writer::end);
        inbound.read(message -> {
            if (message.hasHello()) {
                ModelCard card = ModelCard.newBuilder()
                        .setName("fake")
                        .setFingerprints(fingerprints)
                        .build();
                writer.write(ScoreOut.newBuilder()
                        .setWelcome(Welcome.newBuilder().setModel(card))
                        .build());
                writer.write(ScoreOut.newBuilder()
                        .setCredit(Credit.newBuilder().setItems(4))
                        .build());
            } else if (message.hasScore()) {
                requests.add(message.getScore());
                score(message.getScore(), writer);
            }
        });
    }

    private void score(ScoreRequest request, StreamWriter<ScoreOut> writer) {
        try {
            FingerprintCheck.require(request.getExpect(), fingerprints, "request", "teacher fake");
        } catch (RuntimeException refused) {
            end(request, writer, ScoreEnd.newBuilder().setStatus(FailureStatus.item(refused)));
            return;
        }
        List<TensorHeader> layout = layout(request);
        writer.write(ScoreOut.newBuilder()
                .setBegin(ScoreBegin.newBuilder()
                        .setId(request.getId())
                        .setCoveredBytes(request.getResponse().size())
                        .addAllTensors(layout))
                .build());
        TensorFrames frames = TensorFrames.cut(
                request.getId(),
                layout.stream()
                        .map(header -> content(header, request.getResponse()))
                        .toList());
        while (frames.hasNext()) {
            writer.write(ScoreOut.newBuilder().setFrame(frames.next()).build());
            if (stallsInMidItem) {
                stalled.complete(null);
                return;
            }
        }
        end(request, writer, ScoreEnd.newBuilder().setStatus(ItemStatuses.OK));
    }

    private static void end(ScoreRequest request, StreamWriter<ScoreOut> writer, ScoreEnd.Builder end) {
        writer.write(ScoreOut.newBuilder().setEnd(end.setId(request.getId())).build());
        writer.write(
                ScoreOut.newBuilder().setCredit(Credit.newBuilder().setItems(1)).build());
    }
}
