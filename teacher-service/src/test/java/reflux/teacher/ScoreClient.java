// SPDX-License-Identifier: Apache-2.0
package reflux.teacher;

import io.vertx.core.Vertx;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import reflux.rpc.ClientSettings;
import reflux.rpc.ClientStream;
import reflux.rpc.PeerAddress;
import reflux.rpc.RpcClient;
import reflux.v1.Cancel;
import reflux.v1.Goodbye;
import reflux.v1.Hello;
import reflux.v1.ScoreBegin;
import reflux.v1.ScoreEnd;
import reflux.v1.ScoreIn;
import reflux.v1.ScoreOut;
import reflux.v1.ScoreRequest;
import reflux.v1.TeacherScoringGrpcClient;
import reflux.v1.Welcome;
import reflux.wire.TensorAssembler;

/** One Score stream that keeps to its credit and puts answers together. Guarded by its lock. */
final class ScoreClient {

    private final RpcClient rpc;
    private final ClientStream<ScoreIn, ScoreOut> stream;
    private final Queue<ScoreRequest> waiting = new ArrayDeque<>();
    private final Map<String, CompletableFuture<Result>> results = new HashMap<>();
    private final Map<String, ScoreBegin> begun = new HashMap<>();
    private final Map<String, TensorAssembler> tensors = new HashMap<>();
    final CompletableFuture<Welcome> welcome = new CompletableFuture<>();
    final CompletableFuture<Integer> firstCredit = new CompletableFuture<>();
    final CompletableFuture<Goodbye> goodbye = new CompletableFuture<>();
    final AtomicInteger mostUnderWay = new AtomicInteger();
    private int credit;
    private int underWay;

    /** What came for one item; begin is null if it was refused. */
    record Result(@Nullable ScoreBegin begin, @Nullable TensorAssembler tensors, ScoreEnd end) {
        ByteBuffer tensor(String name) {
            if (tensors == null) {
                throw new IllegalStateException("no tensors: " + end);
            }
            return tensors.tensor(name);
        }

        ScoreBegin scored() {
            if (begin == null) {
                throw new IllegalStateException("no begin: " + end);
            }
            return begin;
        }
    }

    ScoreClient(Vertx vertx, int port, Hello hello) {
        rpc = RpcClient.create(vertx, new PeerAddress("127.0.0.1", port), ClientSettings.defaults());
        stream = rpc.bidi(
                TeacherScoringGrpcClient.Score,
                ScoreIn.newBuilder().setHello(hello).build(),
                this::read);
        stream.completed().onFailure(this::failed);
    }

    static ScoreClient open(Vertx vertx, int port) {
        return new ScoreClient(
                vertx, port, Hello.newBuilder().setClientId("test").build());
    }

    ClientStream<ScoreIn, ScoreOut> stream() {
        return stream;
    }

    synchronized CompletableFuture<Result> send(ScoreRequest request) {
        CompletableFuture<Result> result = new CompletableFuture<>();
        results.put(request.getId(), result);
        waiting.add(request);
        pump();
        return result;
    }

    Result score(ScoreRequest request) throws Exception {
        return send(request).get(20, TimeUnit.SECONDS);
    }

    void cancel(String id) {
        write(ScoreIn.newBuilder().setCancel(Cancel.newBuilder().setId(id)).build());
    }

    void write(ScoreIn message) {
        stream.writer().write(message);
    }

    void close() {
        stream.cancel();
        rpc.close();
    }

    private synchronized void read(ScoreOut message) {
        switch (message.getKindCase()) {
            case WELCOME -> welcome.complete(message.getWelcome());
            case CREDIT -> {
                credit += message.getCredit().getItems();
                firstCredit.complete(message.getCredit().getItems());
                pump();
            }
            case BEGIN -> {
                ScoreBegin begin = message.getBegin();
                begun.put(begin.getId(), begin);
                tensors.put(begin.getId(), TensorAssembler.of(begin.getTensorsList(), 64 << 20));
            }
            case FRAME -> tensors.get(message.getFrame().getId()).accept(message.getFrame());
            case END -> end(message.getEnd());
            case GOODBYE -> goodbye.complete(message.getGoodbye());
            case KIND_NOT_SET -> throw new IllegalStateException("unknown message");
        }
    }

    private void end(ScoreEnd end) {
        underWay--;
        TensorAssembler assembled = tensors.remove(end.getId());
        if (end.getStatus().getStatus().getCode() == 0 && (assembled == null || !assembled.isComplete())) {
            throw new IllegalStateException(end.getId() + " ended OK before its last frame");
        }
        results.remove(end.getId()).complete(new Result(begun.remove(end.getId()), assembled, end));
    }

    private synchronized void failed(Throwable cause) {
        welcome.completeExceptionally(cause);
        results.values().forEach(result -> result.completeExceptionally(cause));
    }

    private void pump() {
        while (credit > 0 && !waiting.isEmpty()) {
            credit--;
            underWay++;
            mostUnderWay.accumulateAndGet(underWay, Math::max);
            write(ScoreIn.newBuilder().setScore(waiting.remove()).build());
        }
    }
}
