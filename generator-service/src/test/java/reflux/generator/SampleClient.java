// SPDX-License-Identifier: Apache-2.0
package reflux.generator;

import io.vertx.core.Vertx;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import reflux.rpc.ClientSettings;
import reflux.rpc.ClientStream;
import reflux.rpc.PeerAddress;
import reflux.rpc.RpcClient;
import reflux.v1.Cancel;
import reflux.v1.Goodbye;
import reflux.v1.Hello;
import reflux.v1.Prompt;
import reflux.v1.SampleIn;
import reflux.v1.SampleOut;
import reflux.v1.SampleRequest;
import reflux.v1.Sampled;
import reflux.v1.Sampling;
import reflux.v1.ScoreEnd;
import reflux.v1.StudentGeneratorGrpcClient;
import reflux.v1.TokenDelta;
import reflux.v1.Welcome;
import reflux.wire.ItemStatuses;
import reflux.wire.TensorAssembler;

/** A learner's end of a Sample stream; keeps all that it hears, by item. */
final class SampleClient implements AutoCloseable {
    /** What was heard of one item. Written on the event loop, read once it is complete. */
    static final class Item {
        final List<Integer> ids = new ArrayList<>();
        final List<Float> logProbs = new ArrayList<>();
        final List<Float> behaviourLogProbs = new ArrayList<>();
        final List<Long> versions = new ArrayList<>();
        final CompletableFuture<Sampled> sampled = new CompletableFuture<>();
        final CompletableFuture<Void> begun = new CompletableFuture<>();
        final CompletableFuture<ScoreEnd> scored = new CompletableFuture<>();
        TensorAssembler tensors = TensorAssembler.of(List.of(), 0);
        int begins;
        int scoreEnds;
        int deltas;

        ByteBuffer hidden() {
            return tensors.tensor("hidden");
        }
    }

    final CompletableFuture<Welcome> welcome = new CompletableFuture<>();
    final CompletableFuture<Goodbye> goodbye = new CompletableFuture<>();
    final AtomicInteger credit = new AtomicInteger();
    final ClientStream<SampleIn, SampleOut> stream;
    private final CompletableFuture<Void> firstCredit = new CompletableFuture<>();
    private final Map<String, Item> items = new ConcurrentHashMap<>();
    private final RpcClient client;

    SampleClient(Vertx vertx, int port, Hello hello) {
        client = RpcClient.create(vertx, new PeerAddress("127.0.0.1", port), ClientSettings.defaults());
        stream = client.bidi(
                StudentGeneratorGrpcClient.Sample,
                SampleIn.newBuilder().setHello(hello).build(),
                this::hear);
    }

    /** Connected and granted its first credit. */
    static SampleClient connect(Vertx vertx, int port, int wanted) {
        SampleClient connected = new SampleClient(
                vertx,
                port,
                Hello.newBuilder().setClientId("test").setWanted(wanted).build());
        Waiting.on(connected.firstCredit);
        return connected;
    }

    static SampleRequest.Builder request(String id, String prompt, long seed) {
        return SampleRequest.newBuilder()
                .setId(id)
                .setPrompt(Prompt.newBuilder().setText(prompt))
                .setSampling(Sampling.newBuilder()
                        .setTemperature(1)
                        .setMaxNewTokens(24)
                        .setSeed(seed));
    }

    void send(SampleRequest.Builder request) {
        credit.addAndGet(-Math.max(1, request.getN()));
        stream.writer().write(SampleIn.newBuilder().setSample(request).build());
    }

    void cancel(String id) {
        stream.writer()
                .write(SampleIn.newBuilder()
                        .setCancel(Cancel.newBuilder().setId(id))
                        .build());
    }

    Item item(String id) {
        return items.computeIfAbsent(id, name -> new Item());
    }

    /** Waits until it was sampled. */
    Item sampled(String id) {
        Waiting.on(item(id).sampled);
        return item(id);
    }

    /** Waits until it was scored. */
    Item scored(String id) {
        Waiting.on(item(id).scored);
        return item(id);
    }

    @Override
    public void close() {
        Waiting.on(client.close());
    }

    private void hear(SampleOut message) {
        switch (message.getKindCase()) {
            case WELCOME -> welcome.complete(message.getWelcome());
            case CREDIT -> {
                credit.addAndGet(message.getCredit().getItems());
                firstCredit.complete(null);
            }
            case TOKENS -> hear(message.getTokens());
            case SAMPLED -> item(message.getSampled().getId()).sampled.complete(message.getSampled());
            case SCORE_BEGIN -> {
                Item item = item(message.getScoreBegin().getId());
                item.begins++;
                item.tensors = TensorAssembler.of(message.getScoreBegin().getTensorsList(), 1 << 24);
                item.begun.complete(null);
            }
            case SCORE_FRAME -> item(message.getScoreFrame().getId()).tensors.accept(message.getScoreFrame());
            case SCORE_END -> hear(message.getScoreEnd());
            case GOODBYE -> goodbye.complete(message.getGoodbye());
            case KIND_NOT_SET -> throw new AssertionError("empty message");
        }
    }

    private void hear(TokenDelta delta) {
        Item item = item(delta.getId());
        if (delta.getIndex() != item.ids.size() || item.sampled.isDone()) {
            throw new AssertionError("delta of " + delta.getId() + " began at " + delta.getIndex());
        }
        item.deltas++;
        item.ids.addAll(delta.getTokenIdsList());
        item.logProbs.addAll(delta.getLogProbsList());
        item.behaviourLogProbs.addAll(delta.getBehaviourLogProbsList());
        item.versions.addAll(delta.getPolicyVersionsList());
    }

    private void hear(ScoreEnd end) {
        Item item = item(end.getId());
        item.scoreEnds++;
        if (ItemStatuses.isOk(end.getStatus()) && !item.tensors.isComplete()) {
            throw new AssertionError("score of " + end.getId() + " ended before its tensors");
        }
        item.scored.complete(end);
    }
}
