// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.selftest;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.ByteString;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import reflux.learner.data.Example;
import reflux.model.text.PromptText;
import reflux.rpc.ClientSettings;
import reflux.rpc.ClientStream;
import reflux.rpc.PeerAddress;
import reflux.rpc.RpcClient;
import reflux.rpc.RpcException;
import reflux.v1.DataType;
import reflux.v1.Hello;
import reflux.v1.Payload;
import reflux.v1.PayloadKind;
import reflux.v1.Prompt;
import reflux.v1.ScoreIn;
import reflux.v1.ScoreOut;
import reflux.v1.ScoreRequest;
import reflux.v1.TeacherScoringGrpcClient;
import reflux.wire.ItemStatuses;
import reflux.wire.TensorAssembler;

/** A teacher service as its client sees it: scores one line after another. Confined to the client's event loop. */
final class Replica {
    private static final long MAX_BYTES = 1L << 28;

    private final Promise<Map<String, Score>> done = Promise.promise();
    private final Deque<Example> left;
    private final Map<String, Score> scores = new TreeMap<>();
    private @Nullable ClientStream<ScoreIn, ScoreOut> stream;
    private TensorAssembler tensors = TensorAssembler.of(List.of(), MAX_BYTES);
    private boolean isBegun;

    /** What the teacher says of a line's tokens: ln p of each, and its states one after another. */
    record Score(List<Float> logProbs, List<Float> hidden) {}

    private Replica(List<Example> lines) {
        this.left = new ArrayDeque<>(lines);
    }

    /** The scores by the place of each line, asked in the order given. */
    static Future<Map<String, Score>> score(Vertx vertx, int port, List<Example> lines) {
        RpcClient client = RpcClient.create(vertx, new PeerAddress("127.0.0.1", port), ClientSettings.defaults());
        Replica replica = new Replica(lines);
        ScoreIn hello = ScoreIn.newBuilder()
                .setHello(Hello.newBuilder().setClientId("reflux selftest").setWanted(1))
                .build();
        replica.open(client.bidi(TeacherScoringGrpcClient.Score, hello, replica::accept));
        return replica.done.future().eventually(client::close);
    }

    private void open(ClientStream<ScoreIn, ScoreOut> opened) {
        stream = opened;
        opened.completed().onFailure(done::tryFail).onSuccess(ended -> done.tryComplete(scores));
    }

    private void accept(ScoreOut message) {
        if (message.hasCredit() && !isBegun) {
            isBegun = true;
            next();
        } else if (message.hasBegin()) {
            tensors = TensorAssembler.of(message.getBegin().getTensorsList(), MAX_BYTES);
        } else if (message.hasFrame()) {
            tensors.accept(message.getFrame());
        } else if (message.hasEnd()) {
            if (!ItemStatuses.isOk(message.getEnd().getStatus())) {
                done.tryFail(RpcException.of(message.getEnd().getStatus()));
                return;
            }
            scores.put(message.getEnd().getId(), new Score(floats("log_probs"), floats("hidden")));
            next();
        }
    }

    private void next() {
        Example line = left.poll();
        if (line == null) {
            requireNonNull(stream).writer().end();
            return;
        }
        String prompt = line.prompt() instanceof PromptText.Text text ? text.text() : "";
        requireNonNull(stream)
                .writer()
                .write(ScoreIn.newBuilder()
                        .setScore(ScoreRequest.newBuilder()
                                .setId(line.place())
                                .setPrompt(Prompt.newBuilder().setText(prompt))
                                .setResponse(ByteString.copyFromUtf8(line.response()))
                                .setEnded(true)
                                .addPayloads(Payload.newBuilder().setKind(PayloadKind.PAYLOAD_KIND_SAMPLED_LOG_PROB))
                                .addPayloads(Payload.newBuilder()
                                        .setKind(PayloadKind.PAYLOAD_KIND_HIDDEN_STATES)
                                        .setType(DataType.DATA_TYPE_F32)))
                        .build());
    }

    private List<Float> floats(String tensor) {
        ByteBuffer bytes = tensors.tensor(tensor).duplicate().order(ByteOrder.LITTLE_ENDIAN);
        List<Float> values = new ArrayList<>(bytes.remaining() / 4);
        while (bytes.hasRemaining()) {
            values.add(bytes.getFloat());
        }
        return values;
    }
}
