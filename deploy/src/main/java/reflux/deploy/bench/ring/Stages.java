// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.bench.ring;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import reflux.learner.align.AlignmentMethod;
import reflux.learner.ledger.Admitted;
import reflux.learner.ledger.Origin;
import reflux.learner.ledger.Sample;
import reflux.learner.objective.Objective;
import reflux.learner.objective.ObjectiveSettings;
import reflux.learner.rollout.SamplingPlan;
import reflux.learner.rollout.ScorePlan;
import reflux.learner.rollout.TeacherHead;
import reflux.learner.rollout.TeacherHeadSource;
import reflux.learner.step.StepSettings;
import reflux.learner.step.TrainingStep;
import reflux.model.engine.EngineSettings;
import reflux.model.engine.EngineThread;
import reflux.model.hf.ModelDirectory;
import reflux.model.optim.LearningRate;
import reflux.model.text.PromptText;
import reflux.model.text.TextTokenizer;
import reflux.v1.DataType;

/** What the loop does, each part alone with all of the machine; every rate is in sampled tokens of the student a second. */
final class Stages implements AutoCloseable {
    private static final int TOKEN_BUDGET = 8192;
    private static final int ENGINE_QUEUE = 4;
    private static final long SEED = 42;

    private final Ring ring;
    private final Rollouts plain;
    private final Rollouts scored;
    private final TextTokenizer tokenizer;
    private final EngineThread thread;
    private final TrainingStep training;
    private final List<Sample> samples;
    private long sequence;
    private long step;

    /** @param cache directory for the teacher's head */
    Stages(Path student, Path teacher, int threads, Path cache) {
        this.ring = new Ring(student, teacher, threads);
        TeacherHead head =
                Waiting.on(new TeacherHeadSource(ring.vertx(), List.of(ring.teacher()), false, cache).fetch());
        ObjectiveSettings objective = Ring.objective();
        ScorePlan score = new ScorePlan(
                Objective.of(objective).needs(), DataType.DATA_TYPE_BF16, head.width(), head.fingerprint());
        this.plain = new Rollouts(ring.vertx(), ring.generator(), plan(Optional.empty()));
        this.scored = new Rollouts(ring.vertx(), ring.generator(), plan(Optional.of(score)));
        ModelDirectory model = ModelDirectory.open(student);
        this.tokenizer = model.openTokenizer();
        this.thread = EngineThread.start(new EngineSettings("bench-training", threads, ENGINE_QUEUE, "cpu"));
        this.training = thread.call(engine -> TrainingStep.open(engine, model, tokenizer, head, settings(objective)));
        this.samples = scored.all(admitted(Origin.FILE, List.of()));
    }

    private static SamplingPlan plan(Optional<ScorePlan> score) {
        return new SamplingPlan(1, 0, 1, 0, Ring.NEW_TOKENS, SEED, score);
    }

    private static StepSettings settings(ObjectiveSettings objective) {
        return new StepSettings(
                Objective.of(objective),
                AlignmentMethod.named(objective.alignment()),
                new StepSettings.Optimiser(1e-5, objective.projectorLr(), 0.01, 0.9, 0.999, 1e-8),
                LearningRate.constant(0),
                1,
                TOKEN_BUDGET,
                0,
                false);
    }

    /** As many rollouts as are under way in the loop. */
    private List<Admitted> admitted(Origin origin, List<Sample> given) {
        List<Admitted> rollouts = new ArrayList<>();
        for (int i = 0; i < Ring.AT_ONCE; i++) {
            String response = given.isEmpty() ? "" : given.get(i).response().toStringUtf8();
            PromptText prompt = given.isEmpty()
                    ? new PromptText.Text(Ring.prompt(i))
                    : given.get(i).admitted().prompt();
            rollouts.add(new Admitted("stage-" + sequence++, prompt, response, origin, i, 0));
        }
        return rollouts;
    }

    double sampling() {
        return rate(() -> tokens(plain.all(admitted(Origin.FILE, List.of()))));
    }

    double scoring() {
        return rate(() -> tokens(scored.all(admitted(Origin.DATASET, samples))));
    }

    /** One step on one batch. */
    double training() {
        List<Sample> batch = samples.subList(0, Ring.BATCH);
        return rate(() -> thread.call(engine -> training.train(batch, step++)).trainedTokens());
    }

    private interface Work {
        long tokens();
    }

    private static double rate(Work work) {
        long start = System.nanoTime();
        long tokens = work.tokens();
        return tokens / ((System.nanoTime() - start) / 1e9);
    }

    private static long tokens(List<Sample> samples) {
        return samples.stream().mapToLong(sample -> sample.tokens().size()).sum();
    }

    @Override
    public void close() {
        plain.close();
        scored.close();
        thread.call(engine -> {
            training.close();
            return true;
        });
        thread.close();
        tokenizer.close();
        ring.close();
    }
}
