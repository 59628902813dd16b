// SPDX-License-Identifier: Apache-2.0
package reflux.generator.sampling;

import io.micrometer.core.instrument.MeterRegistry;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reflux.model.decoder.Decoder;
import reflux.model.engine.Engine;
import reflux.model.engine.EngineThread;
import reflux.model.engine.Scope;
import reflux.model.engine.Tensor;
import reflux.model.hf.ModelDirectory;
import reflux.model.text.Vocabulary;
import reflux.wire.ContractMismatchException;
import reflux.wire.NotReadyException;

/**
 * Samples rollouts in one continuous batch: between two decode steps rollouts join (their prompts are prefilled, several at
 * once) and leave, and new weights may be swapped in. Each turn of the loop is one task of the engine thread, so other tasks run
 * between turns. The waiting line is as long as callers let it be: they hold the credits.
 */
public final class RolloutSampler {
    private static final Logger log = LoggerFactory.getLogger(RolloutSampler.class);

    private final EngineThread thread;
    private final SamplerSettings settings;
    private final PolicySlot policy;
    private final Vocabulary vocabulary;
    private final Set<Integer> endIds;
    private final TokenChooser chooser;
    private final CachedModel student;
    private final @Nullable CachedModel teacher;
    private final SamplingMetrics metrics;
    private final Seats seats;
    private final Queue<Rollout> inbox = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean isScheduled = new AtomicBoolean();
    private boolean isClosed; // of the engine thread

    RolloutSampler(
            EngineThread thread,
            Engine engine,
            SamplerSettings settings,
            Decoder decoder,
            @Nullable Decoder mixed,
            Optional<BaseWeights> base,
            Vocabulary vocabulary,
            MeterRegistry registry) {
        this.thread = thread;
        this.settings = settings;
        this.vocabulary = vocabulary;
        this.policy = new PolicySlot(thread, decoder, base);
        this.endIds = new HashSet<>(vocabulary.endIds());
        endIds.addAll(settings.endIds());
        this.chooser = new TokenChooser(
                engine, Math.min(vocabulary.size(), decoder.config().vocabularySize()));
        this.student = new CachedModel(engine, decoder, settings);
        this.teacher = mixed == null ? null : new CachedModel(engine, mixed, settings);
        this.seats = new Seats(settings.slots(), settings.prefillTokens());
        this.metrics = new SamplingMetrics(registry, this);
    }

    /** Loads the student, and the teacher to mix with, and takes memory for all slots. The future completes on the engine thread. */
    public static CompletableFuture<RolloutSampler> load(
            EngineThread thread,
            SamplerSettings settings,
            ModelDirectory model,
            Optional<MixModel> mix,
            Vocabulary vocabulary,
            MeterRegistry registry) {
        return thread.submit(engine -> {
            Decoder decoder = Decoder.load(engine, model, settings.type());
            Decoder mixed = mix.map(teacher -> Decoder.load(engine, teacher.directory(), teacher.type()))
                    .orElse(null);
            Optional<BaseWeights> base = Optional.of(new BaseWeights(model));
            return new RolloutSampler(thread, engine, settings, decoder, mixed, base, vocabulary, registry);
        });
    }

    /**
     * Puts a rollout in line. From any thread.
     *
     * @throws IllegalArgumentException if its prompt leaves no room for a token
     * @throws ContractMismatchException if it is to be mixed with a teacher and none was loaded
     */
    public Rollout sample(RolloutRequest request, RolloutListener listener) {
        if (request.rule().isMixed() && teacher == null) {
            throw new ContractMismatchException(
                    "this generator has no teacher to mix with: ask with teacher_mix 0, or name"
                            + " the directory of a teacher of the student's tokenizer in generator.mix_teacher");
        }
        Rollout rollout = new Rollout(request, listener, settings.maxLength());
        inbox.add(rollout);
        schedule();
        return rollout;
    }

    public PolicySlot policy() {
        return policy;
    }

    public int slotsInUse() {
        return seats.seatedCount();
    }

    /** Rollouts that have no slot yet. */
    public int waiting() {
        return seats.waitingCount();
    }

    /** Fails every rollout that is not done and frees all native memory. The future completes on the engine thread. */
    public CompletableFuture<Boolean> close() {
        return thread.submit(engine -> {
            if (isClosed) {
                return false;
            }
            isClosed = true;
            failAll();
            chooser.close();
            student.close();
            if (teacher != null) {
                teacher.close();
            }
            return true;
        });
    }

    private void schedule() {
        if (isScheduled.compareAndSet(false, true)) {
            submitTurn();
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // stop hears of every failure
    private void submitTurn() {
        thread.submit(engine -> {
                    turn(engine);
                    return true;
                })
                .whenComplete((done, broken) -> {
                    if (broken != null) {
                        stop(broken);
                    }
                });
    }

    /** A turn broke off, so none is under way: everyone is told, and who comes next starts the loop anew. */
    private void stop(Throwable broken) {
        log.error("the sampling loop broke off", broken);
        takeInbox();
        seats.removeAll().forEach(rollout -> rollout.fail(broken));
        isScheduled.set(false);
    }

    /** One turn: who was cancelled leaves, who waits joins, and everyone gets a token. */
    private void turn(Engine engine) {
        if (isClosed) {
            failAll();
            isScheduled.set(false);
            return;
        }
        takeInbox();
        seats.removeCancelled().forEach(rollout -> rollout.fail(new CancellationException("cancelled")));
        try (Scope scope = engine.scope().child()) {
            advance(scope, seats.seatNext(), CachedModel::prefill);
            advance(scope, seats.seated(), CachedModel::step);
        }
        metrics.turned(seats.seatedCount());
        if (!seats.isEmpty()) {
            submitTurn();
            return;
        }
        isScheduled.set(false);
        if (!inbox.isEmpty()) {
            schedule();
        }
    }

    private void failAll() {
        takeInbox();
        seats.removeAll().forEach(rollout -> rollout.fail(new NotReadyException("the generator is closing")));
    }

    private void takeInbox() {
        for (Rollout rollout = inbox.poll(); rollout != null; rollout = inbox.poll()) {
            seats.queue(rollout);
        }
    }

    /** What a model reads of each rollout, for logits [N, V] of its next token. */
    private interface Pass {
        Tensor logits_NV(CachedModel model, Scope scope, List<Rollout> batch);
    }

    /** One token for each rollout of the batch. If the model fails, these rollouts fail and the loop goes on. */
    private void advance(Scope scope, List<Rollout> batch, Pass pass) {
        if (batch.isEmpty()) {
            return;
        }
        TokenChooser.Choice[] choices;
        try {
            Tensor logits_NV = pass.logits_NV(student, scope, batch);
            Tensor teacher_MW = mixed(scope, batch, pass);
            List<TokenChooser.Row> rows = batch.stream().map(Rollout::nextRow).toList();
            choices = chooser.choose(scope, logits_NV, teacher_MW, rows);
        } catch (RuntimeException broken) {
            log.error("a step failed rollouts={}", batch.size(), broken);
            batch.forEach(seats::leave);
            batch.forEach(rollout -> rollout.fail(broken));
            return;
        }
        metrics.sampled(choices.length);
        for (int i = 0; i < choices.length; i++) {
            take(batch.get(i), choices[i]);
        }
    }

    /** The teacher reads those alone that are mixed with it. */
    private @Nullable Tensor mixed(Scope scope, List<Rollout> batch, Pass pass) {
        List<Rollout> mixed = batch.stream().filter(Rollout::isMixed).toList();
        return teacher == null || mixed.isEmpty() ? null : pass.logits_NV(teacher, scope, mixed);
    }

    private void take(Rollout rollout, TokenChooser.Choice choice) {
        if (!choice.isSound()) {
            seats.leave(rollout);
            String whose = Float.isNaN(choice.logProb())
                    ? "logits are no numbers under policy version " + Long.toUnsignedString(policy.liveVersion())
                    : "mixed teacher's logits are no numbers";
            rollout.fail(new ArithmeticException("the " + whose));
            return;
        }
        if (!rollout.hasBegun()) {
            metrics.begun(rollout.waitedNanos());
        }
        if (!rollout.accept(choice, policy.liveVersion(), vocabulary, endIds.contains(choice.id()))) {
            seats.leave(rollout);
        }
    }
}
