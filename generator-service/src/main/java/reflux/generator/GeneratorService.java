// SPDX-License-Identifier: Apache-2.0
package reflux.generator;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reflux.generator.sampling.MixModel;
import reflux.generator.sampling.RolloutSampler;
import reflux.generator.sampling.SamplerSettings;
import reflux.model.engine.EngineSettings;
import reflux.model.engine.EngineThread;
import reflux.model.hf.ModelDirectory;
import reflux.model.text.TextTokenizer;
import reflux.rpc.RpcServer;
import reflux.rpc.ServerSettings;
import reflux.v1.GeneratorCard;
import reflux.v1.StudentGeneratorGrpcService;

/** A running generator: samples from the student, has samples scored by teachers, and takes new weights. */
public final class GeneratorService {
    private static final Logger log = LoggerFactory.getLogger(GeneratorService.class);

    /** What a start opens, in order, and a close closes in the other order. */
    private record Loaded(
            GeneratorConfig config,
            ModelDirectory model,
            Optional<MixModel> mix,
            TextTokenizer tokenizer,
            EngineThread thread) {
        static Loaded load(GeneratorConfig config) {
            ModelDirectory model = ModelDirectory.open(Path.of(config.model()));
            GeneratorConfig settled = config.settledFor(model.config().contextLength());
            TextTokenizer tokenizer = model.openTokenizer();
            try {
                Optional<MixModel> mix = MixTeacher.open(settled, tokenizer.vocabulary());
                return new Loaded(settled, model, mix, tokenizer, EngineThread.start(engine(config)));
            } catch (RuntimeException | Error e) {
                tokenizer.close();
                throw e;
            }
        }

        private static EngineSettings engine(GeneratorConfig config) {
            return new EngineSettings("generator-engine", config.threads(), ENGINE_QUEUE, config.device());
        }

        void close() {
            thread.close();
            tokenizer.close();
        }
    }

    /** Turns of the loop, swaps: a handful. */
    private static final int ENGINE_QUEUE = 64;

    private final Vertx vertx;
    private final Loaded loaded;
    private final Student student;
    private final TeacherScorer scorer;
    private final RpcServer server;
    private @Nullable Future<Void> closed;

    private GeneratorService(Vertx vertx, Loaded loaded, RolloutSampler sampler, MeterRegistry registry) {
        GeneratorConfig config = loaded.config();
        this.vertx = vertx;
        this.loaded = loaded;
        this.student = Student.of(loaded.model(), loaded.tokenizer(), sampler, config);
        this.scorer = new TeacherScorer(
                vertx,
                config.teacherAddresses(),
                loaded.tokenizer().vocabulary(),
                "generator@" + config.listen(),
                config.maxItemsInFlight());
        SampleDoor samples = new SampleDoor(vertx, student, scorer, config);
        WeightDoor weights = new WeightDoor(vertx, student.card(), sampler.policy(), registry);
        this.server = RpcServer.create(
                        vertx, ServerSettings.at(config.address()), StudentGeneratorGrpcService.SERVICE_DESCRIPTOR)
                .unary(StudentGeneratorGrpcService.Describe, request -> Future.succeededFuture(describe()))
                .bidi(StudentGeneratorGrpcService.Sample, samples::serve)
                .bidi(StudentGeneratorGrpcService.PublishWeights, weights::serve);
    }

    /** Starts a generator whose metrics nobody reads. */
    public static Future<GeneratorService> start(Vertx vertx, GeneratorConfig config) {
        return start(vertx, config, new SimpleMeterRegistry());
    }

    /** Loads the student and opens the door; fails with a message that names what is wrong and how to put it right. */
    public static Future<GeneratorService> start(Vertx vertx, GeneratorConfig config, MeterRegistry registry) {
        if (config.model().isBlank()) {
            return Future.failedFuture(
                    new IllegalArgumentException("generator.model is missing: name the directory of the student"));
        }
        return vertx.executeBlocking(() -> Loaded.load(config)).compose(loaded -> open(vertx, loaded, registry)
                .recover(cause -> closeEngine(vertx, loaded).transform(closed -> Future.failedFuture(cause))));
    }

    private static Future<GeneratorService> open(Vertx vertx, Loaded loaded, MeterRegistry registry) {
        SamplerSettings settings = new SamplerSettings(
                loaded.config().computeType(),
                loaded.config().slots(),
                loaded.config().maxLength(),
                loaded.config().prefillTokens(),
                Set.copyOf(loaded.model().config().eosIds()));
        return Future.fromCompletionStage(
                        RolloutSampler.load(
                                loaded.thread(),
                                settings,
                                loaded.model(),
                                loaded.mix(),
                                loaded.tokenizer().vocabulary(),
                                registry),
                        vertx.getOrCreateContext())
                .compose(sampler -> new GeneratorService(vertx, loaded, sampler, registry).listen());
    }

    private Future<GeneratorService> listen() {
        return server.start().map(port -> {
            scorer.start();
            log.info(
                    "generator ready model={} port={} slots={} maxLength={} teachers={} mixTeacher={}",
                    loaded.model().name(),
                    port,
                    loaded.config().slots(),
                    loaded.config().maxLength(),
                    loaded.config().teachers(),
                    loaded.mix().map(mix -> mix.directory().name()).orElse("none"));
            return this;
        });
    }

    /** The port that the door listens on. */
    public int port() {
        return server.port();
    }

    /** Takes nothing new, lets what is under way end, then closes; what is not done by then is cut. */
    public Future<Void> drain(Duration atMost) {
        return server.drain(atMost).transform(drained -> close());
    }

    /** Ends at once: streams are cut, native memory is freed. A second call changes nothing. */
    public synchronized Future<Void> close() {
        if (closed == null) {
            closed = shutdown();
        }
        return closed;
    }

    private Future<Void> shutdown() {
        return server.close()
                .transform(closed -> scorer.close())
                .transform(
                        closed -> Future.fromCompletionStage(student.sampler().close(), vertx.getOrCreateContext()))
                .transform(closed -> closeEngine(vertx, loaded))
                .onSuccess(closed ->
                        log.info("generator closed model={}", loaded.model().name()));
    }

    private GeneratorCard describe() {
        RolloutSampler sampler = student.sampler();
        return GeneratorCard.newBuilder()
                .setModel(student.card())
                .setLimits(student.limits())
                .setLivePolicyVersion(sampler.policy().liveVersion())
                .setSlots(loaded.config().slots())
                .setSlotsInUse(sampler.slotsInUse())
                .addAllTeachers(scorer.connected())
                .build();
    }

    private static Future<Void> closeEngine(Vertx vertx, Loaded loaded) {
        return vertx.executeBlocking(() -> {
            loaded.close();
            return null;
        });
    }
}
