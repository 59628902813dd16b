// SPDX-License-Identifier: Apache-2.0
package reflux.learner;

import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import reflux.learner.checkpoint.CheckpointStore;
import reflux.learner.checkpoint.Retention;
import reflux.learner.checkpoint.RunState;
import reflux.learner.checkpoint.RunTotals;
import reflux.learner.data.Cursor;
import reflux.learner.data.FilePrompts;
import reflux.learner.eval.EvalMetric;
import reflux.learner.eval.EvalSettings;
import reflux.learner.feed.EventLog;
import reflux.learner.feed.FeedDoor;
import reflux.learner.ledger.Admission;
import reflux.learner.ledger.Ledger;
import reflux.learner.objective.Needs;
import reflux.learner.objective.Objective;
import reflux.learner.publish.WeightPublisher;
import reflux.learner.rollout.ResponseSources;
import reflux.learner.rollout.RolloutClient;
import reflux.learner.rollout.SamplingPlan;
import reflux.learner.rollout.ScorePlan;
import reflux.learner.rollout.TeacherHead;
import reflux.learner.rollout.TeacherHeadSource;
import reflux.learner.step.TrainingStep;
import reflux.model.engine.EngineSettings;
import reflux.model.engine.EngineThread;
import reflux.model.engine.MatmulPrecision;
import reflux.model.text.TextTokenizer;
import reflux.rpc.PeerAddress;
import reflux.rpc.RpcServer;
import reflux.rpc.ServerSettings;
import reflux.v1.DataType;
import reflux.v1.LearnerGrpcService;

/**
 * Builds a run from its configuration: its files first, then the teacher's head, then the student, then the loop and the door.
 * Used once, on the learner's context.
 */
final class RunAssembly {
    private static final int ENGINE_QUEUE = 64;

    private final Vertx vertx;
    private final Context context;
    private final LearnerConfig config;
    private final Needs needs;
    private final MeterRegistry registry;
    private final EventLog events = new EventLog(Clock.systemUTC());
    private final String clientId;

    RunAssembly(Vertx vertx, Context context, LearnerConfig config, MeterRegistry registry) {
        this.vertx = vertx;
        this.context = context;
        this.config = config;
        this.needs = Objective.of(config.distillation()).needs();
        this.registry = registry;
        this.clientId = "learner-" + UUID.randomUUID();
    }

    Future<Run> assemble() {
        return vertx.executeBlocking(() -> RunFiles.open(config)).compose(files -> teacherHead(files)
                .compose(head -> vertx.executeBlocking(() -> student(files, head))
                        .compose(student -> open(files, head, student)))
                .onFailure(cause -> files.tokenizer().close()));
    }

    private Future<TeacherHead> teacherHead(RunFiles files) {
        if (needs.signal() == Needs.Signal.NONE) {
            return Future.succeededFuture(TeacherHead.none(files.tokenizer().vocabulary()));
        }
        Path cache = Path.of(config.outputDir()).resolve("teacher-heads");
        return new TeacherHeadSource(vertx, addresses(config.teachers()), needs.teacherEmbeddings(), cache)
                .fetch()
                .map(head -> fitting(head, files));
    }

    private TeacherHead fitting(TeacherHead head, RunFiles files) {
        boolean isSame = head.vocabulary()
                .fingerprint()
                .equals(files.tokenizer().vocabulary().fingerprint());
        if (needs.vocabularies() == Needs.Vocabularies.SAME && !isSame) {
            throw new IllegalArgumentException(
                    "learner.objective is '"
                            + config.distillation().objective()
                            + "', which compares the tokens of one vocabulary, but the teachers' tokenizer is not the student's;"
                            + " take a student with the teachers' tokenizer, or an objective for different ones, such as dskd-v2");
        }
        return head;
    }

    /** Blocks. */
    private StudentThread student(RunFiles files, TeacherHead head) {
        EngineThread thread =
                EngineThread.start(new EngineSettings("learner-engine", config.threads(), ENGINE_QUEUE, config.device())
                        .withMatmulPrecision(precision(config)));
        try {
            EngineThread.Task<TrainingStep> opening = engine -> TrainingStep.open(
                    engine, files.openStudent(engine, config), files.tokenizer(), head, StepSettingsOf.config(config));
            StudentThread student = StudentThread.open(thread, files.student(), opening, context);
            files.checkpoint().ifPresent(student::restore);
            if (config.evaluation().evalSteps() > 0) {
                student.prepare(config.evaluation(), files.evalItems(), files.tokenizer(), config.maxNewTokens());
            }
            return student;
        } catch (RuntimeException | Error e) {
            thread.close();
            throw e;
        }
    }

    private static MatmulPrecision precision(LearnerConfig config) {
        return MatmulPrecision.valueOf(config.matmulPrecision().toUpperCase(Locale.ROOT));
    }

    private Future<Run> open(RunFiles files, TeacherHead head, StudentThread student) {
        Optional<RunState> earlier = files.checkpoint().map(found -> found.state());
        long version = earlier.map(RunState::step).orElse(0L);
        Ledger ledger = ledger(earlier, version);
        LearnerMeters meters = new LearnerMeters(registry, ledger);
        LoopParts parts = new LoopParts(
                config,
                ledger,
                sources(files, earlier),
                student,
                new CheckpointStore(Path.of(config.outputDir()), retention()),
                new RunProgress(
                        earlier.map(RunState::totals).orElse(RunTotals.NONE),
                        version,
                        config.maxSteps(),
                        config.maxSeconds()),
                new RunLog(vertx, Path.of(config.outputDir()).toAbsolutePath(), events, meters),
                head.fingerprint());
        TrainingLoop loop = new TrainingLoop(parts, version, made -> peers(made, parts, files, head));
        earlier.ifPresent(state -> loop.peers().feed().restore(state.outcomes()));
        RpcServer server = server(loop);
        Run run = new Run(vertx, loop, server, student, files.tokenizer(), timers(loop, ledger));
        return server.start().compose(port -> loop.start()).map(run).recover(cause -> run.close()
                .transform(closed -> Future.failedFuture(cause)));
    }

    private Retention retention() {
        EvalSettings keys = config.evaluation();
        EvalMetric metric = EvalMetric.named(keys.metricForBestModel());
        return new Retention(config.saveTotalLimit(), keys.keepBestNCheckpoints(), metric);
    }

    private Ledger ledger(Optional<RunState> earlier, long version) {
        int batch = config.rolloutsPerStep();
        Admission admission = new Admission(batch, config.maxStaleness(), (long) config.maxSteps() * batch);
        return earlier.map(state -> Ledger.restore(admission, state.ledger(), version))
                .orElseGet(() -> new Ledger(admission));
    }

    private Sources sources(RunFiles files, Optional<RunState> earlier) {
        Cursor cursor = earlier.map(RunState::cursor).orElse(Cursor.START);
        Optional<FilePrompts> found = files.examples().isEmpty()
                ? Optional.empty()
                : Optional.of(new FilePrompts(files.examples(), config.seed(), config.numGenerations(), cursor));
        PromptCheck check =
                new PromptCheck(files.tokenizer(), files.student().config().contextLength());
        SourcePlan plan = SourcePlan.of(config);
        return new Sources(
                new PromptQueue(found, check), plan.rule(earlier.flatMap(RunState::schedule)), plan.replay());
    }

    private LoopParts.Peers peers(TrainingLoop loop, LoopParts parts, RunFiles files, TeacherHead head) {
        ResponseSources responses = responses(loop, parts, files, head);
        String tokenizer = files.tokenizer().vocabulary().fingerprint();
        WeightPublisher publisher =
                new WeightPublisher(vertx, clientId, tokenizer, addresses(config.generators()), loop);
        Intake intake = new Intake(parts.ledger(), parts.sources(), responses, publisher, loop);
        FeedDoor feed = new FeedDoor(StudentCard.of(files), StudentCard.limits(files, config), intake);
        return new LoopParts.Peers(responses, publisher, intake, feed);
    }

    private ResponseSources responses(TrainingLoop loop, LoopParts parts, RunFiles files, TeacherHead head) {
        SamplingPlan plan = samplingPlan(head);
        int atOnce = (config.maxStaleness() + 1) * config.rolloutsPerStep();
        RolloutClient students = new RolloutClient(
                vertx, clientId, plan, atOnce, files.tokenizer().vocabulary().fingerprint(), loop);
        students.onReplica(parts.log()::replica);
        if (!config.data().seqKd()) {
            return new ResponseSources(students, Optional.empty(), loop);
        }
        return new ResponseSources(
                students,
                Optional.of(receiver -> {
                    RolloutClient teachers = new RolloutClient(vertx, clientId, plan.plain(), atOnce, "", receiver);
                    teachers.onReplica(parts.log()::replica);
                    teachers.members(addresses(config.data().seqKdGenerators()));
                    return teachers;
                }),
                loop);
    }

    private SamplingPlan samplingPlan(TeacherHead head) {
        DataType scoreType = DataType.valueOf("DATA_TYPE_" + config.scoreDtype().toUpperCase(Locale.ROOT));
        return new SamplingPlan(
                config.temperature(),
                config.topK(),
                config.topP(),
                config.data().teacherMix(),
                config.maxNewTokens(),
                config.seed(),
                needs.signal() == Needs.Signal.NONE
                        ? Optional.empty()
                        : Optional.of(new ScorePlan(needs, scoreType, head.width(), head.fingerprint())));
    }

    private RpcServer server(TrainingLoop loop) {
        PeerAddress listen = PeerAddress.parse(config.listen());
        return RpcServer.create(vertx, ServerSettings.at(listen), LearnerGrpcService.SERVICE_DESCRIPTOR)
                .bidi(LearnerGrpcService.Feed, loop.peers().feed()::serve)
                .serverStream(LearnerGrpcService.Watch, events::watch);
    }

    private List<Long> timers(TrainingLoop loop, Ledger ledger) {
        StallWatch stalls = new StallWatch(ledger, loop.peers(), config);
        long watch = vertx.setPeriodic(StallWatch.PERIOD_MILLIS, tick -> {
            if (!loop.isStepping()) {
                stalls.look();
            }
        });
        return config.maxSeconds() == 0
                ? List.of(watch)
                : List.of(watch, vertx.setTimer(config.maxSeconds() * 1000L, over -> loop.close()));
    }

    private static List<PeerAddress> addresses(List<String> texts) {
        return texts.stream().map(PeerAddress::parse).toList();
    }

    /** A run that goes on. */
    record Run(
            Vertx vertx,
            TrainingLoop loop,
            RpcServer server,
            StudentThread student,
            TextTokenizer tokenizer,
            List<Long> timers) {
        Future<Void> close() {
            timers.forEach(vertx::cancelTimer);
            return server.close()
                    .eventually(() -> loop.peers().rollouts().close())
                    .eventually(() -> loop.peers().publisher().close())
                    .eventually(() -> vertx.executeBlocking(() -> {
                        student.close();
                        tokenizer.close();
                        return null;
                    }));
        }
    }
}
