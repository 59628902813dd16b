// SPDX-License-Identifier: Apache-2.0
package reflux.teacher;

import com.google.protobuf.Descriptors.ServiceDescriptor;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reflux.rpc.RpcServer;
import reflux.rpc.ServerSettings;
import reflux.v1.Limits;
import reflux.v1.ModelCard;
import reflux.v1.Teacher;
import reflux.v1.TeacherCard;
import reflux.v1.TeacherScoringGrpcService;

/** A running teacher: one model, one engine thread, one port. */
public final class TeacherService {

    private static final Logger log = LoggerFactory.getLogger(TeacherService.class);

    private final Vertx vertx;
    private final TeacherModel model;
    private final ScoreQueue queue;
    private final WorkerExecutor tokenizing;
    private final RpcServer server;
    private @Nullable Future<Void> closing;

    private TeacherService(
            Vertx vertx, TeacherModel model, ScoreQueue queue, WorkerExecutor tokenizing, RpcServer server) {
        this.vertx = vertx;
        this.model = model;
        this.queue = queue;
        this.tokenizing = tokenizing;
        this.server = server;
    }

    /** Loads the model and listens; fails with a message that names what is wrong with configuration or model. */
    public static Future<TeacherService> start(Vertx vertx, TeacherConfig config, MeterRegistry meters) {
        Context context = vertx.getOrCreateContext();
        if (!context.isEventLoopContext()) {
            return Future.failedFuture(
                    new IllegalStateException("a teacher must be started on an event loop or on none"));
        }
        Promise<TeacherService> started = Promise.promise();
        context.runOnContext(now -> vertx.executeBlocking(() -> TeacherModel.load(config), false)
                .map(model -> wire(vertx, context, config, model, new TeacherMetrics(meters)))
                .compose(TeacherService::listen)
                .onComplete(started));
        return started.future();
    }

    /** Same, with meters that nobody reads. */
    public static Future<TeacherService> start(Vertx vertx, TeacherConfig config) {
        return start(vertx, config, new SimpleMeterRegistry());
    }

    /** The port that it listens on. */
    public int port() {
        return server.port();
    }

    /** What it serves. */
    public ModelCard card() {
        return model.card();
    }

    /** Not serving to health checks, Goodbye on each stream, what is under way is finished; then closed. */
    public Future<Void> drain(Duration most) {
        return server.drain(most).eventually(this::close);
    }

    /** Ends all streams, stops the engine thread and frees the model; a second close awaits the first. */
    public synchronized Future<Void> close() {
        Future<Void> begun = closing;
        if (begun == null) {
            begun = free();
            closing = begun;
        }
        return begun;
    }

    private Future<Void> free() {
        queue.close();
        return server.close()
                .eventually(() -> tokenizing.close())
                .eventually(() -> vertx.executeBlocking(
                        () -> {
                            model.close();
                            return null;
                        },
                        false));
    }

    TeacherModel model() {
        return model;
    }

    ScoreQueue queue() {
        return queue;
    }

    private static TeacherService wire(
            Vertx vertx, Context context, TeacherConfig config, TeacherModel model, TeacherMetrics metrics) {
        ModelCard card = model.card();
        Limits limits = limits(config, card);
        PayloadRules rules =
                PayloadRules.of(config, card.getHiddenSize(), card.getPaddedVocabularySize(), card.getVocabularySize());
        RequestReader reader = new RequestReader(model.tokenizer(), card, limits, rules, config);
        ScoreForward forward = new ScoreForward(model.decoder(), model.script(), rules);
        ScoreQueue queue = new ScoreQueue(model.engine(), forward::run, config, metrics);
        WorkerExecutor tokenizing = vertx.createSharedWorkerExecutor("reflux-teacher-tokenizing", 1);
        ScoreCache cache = new ScoreCache(config.cacheBytes());
        TeacherScorer scorer = new TeacherScorer(context, tokenizing, reader, cache, queue, metrics);
        ScoreStreams streams = new ScoreStreams(scorer, reader, card, limits, metrics);
        RpcServer server = server(vertx, context, config, model, streams, describe(card, limits, rules));
        return new TeacherService(vertx, model, queue, tokenizing, server);
    }

    private static RpcServer server(
            Vertx vertx,
            Context context,
            TeacherConfig config,
            TeacherModel model,
            ScoreStreams streams,
            TeacherCard described) {
        ServiceDescriptor service = Teacher.getDescriptor().findServiceByName("TeacherScoring");
        return RpcServer.create(vertx, ServerSettings.at(config.address()), service)
                .unary(TeacherScoringGrpcService.Describe, request -> Future.succeededFuture(described))
                .serverStream(
                        TeacherScoringGrpcService.FetchLmHead,
                        (request, out) -> HeadStream.send(context, model, request, out))
                .bidi(TeacherScoringGrpcService.Score, streams::open);
    }

    private Future<TeacherService> listen() {
        return server.start()
                .map(port -> {
                    log.info("teacher ready model={} port={}", model.card().getName(), port);
                    return this;
                })
                .recover(failure -> close().transform(closed -> Future.failedFuture(failure)));
    }

    private static Limits limits(TeacherConfig config, ModelCard card) {
        int context = card.getContextLength();
        return Limits.newBuilder()
                .setMaxPromptTokens(Math.min(config.maxPromptTokens(), context))
                .setMaxResponseTokens(Math.min(config.maxResponseTokens(), context))
                .setMaxResponseBytes(config.maxResponseBytes())
                .setMaxItemsInFlight(config.maxItemsInFlight())
                .build();
    }

    private static TeacherCard describe(ModelCard card, Limits limits, PayloadRules rules) {
        return TeacherCard.newBuilder()
                .setModel(card)
                .setLimits(limits)
                .addAllPayloads(List.copyOf(rules.offered()).stream().sorted().toList())
                .build();
    }
}
