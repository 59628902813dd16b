// SPDX-License-Identifier: Apache-2.0
package reflux.learner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import reflux.learner.checkpoint.BestCheckpoint;
import reflux.learner.checkpoint.CheckpointStore;
import reflux.learner.checkpoint.Retention;
import reflux.learner.checkpoint.RunState;
import reflux.learner.checkpoint.RunTotals;
import reflux.learner.data.Cursor;
import reflux.learner.eval.EvalConfig;
import reflux.learner.eval.EvalMetric;
import reflux.learner.eval.EvalReport;
import reflux.learner.eval.EvalScores;
import reflux.learner.eval.EvalSettings;
import reflux.learner.eval.Evaluation;
import reflux.learner.eval.RunEvaluation;
import reflux.learner.ledger.LedgerState;
import reflux.learner.ledger.Sample;
import reflux.learner.step.StepResult;
import reflux.learner.step.TinyRun;
import reflux.learner.step.TrainableStudent;
import reflux.learner.step.TrainingStep;
import reflux.model.engine.EngineSettings;
import reflux.model.engine.EngineThread;
import reflux.model.hf.ModelDirectory;
import reflux.model.text.TextTokenizer;

/** Evaluation between the steps of a run; seed 6 for the student. */
@Timeout(60)
class RunEvaluationTest {
    @TempDir
    Path folder;

    private final Vertx vertx = Vertx.vertx();
    private ModelDirectory student;
    private TextTokenizer tokenizer;
    private EvalSettings settings;

    @BeforeEach
    void writeFiles() throws Exception {
        student = TinyRun.student(folder);
        tokenizer = student.openTokenizer();
        Path data = Files.writeString(folder.resolve("eval.jsonl"), """
                {"prompt":"hello","response":"the fox"}
                {"prompt":"quick","response":["brown","fox"]}
                {"prompt":"left out","response":"x"}
                """);
        settings = new EvalSettings(data.toString(), 1, 2, student.path().toString(), "loss", 1, 0);
    }

    @AfterEach
    void close() throws Exception {
        tokenizer.close();
        await(vertx.close());
    }

    @Test
    void evaluatedAndSaved_areTheSameWeights() throws Exception {
        StudentThread thread = open();
        List<Sample> batch = TinyRun.batch(4, tokenizer);
        CheckpointStore store = new CheckpointStore(folder.resolve("run"), new Retention(1, 1, EvalMetric.LOSS));

        await(thread.train(batch, 0));
        Future<StudentThread.Evaluated> evaluated = thread.evaluate(store, state(1));
        Future<StepResult> next = thread.train(batch, 1);
        EvalScores scores = await(evaluated).scores();
        await(next);
        Optional<BestCheckpoint> best = await(thread.best(store));
        thread.close();

        Path directory = best.orElseThrow().directory();
        EvalReport report = new Evaluation(new EvalConfig(directory, first(2), student.path(), 6, 64, 1, 0)).run();
        assertThat(best.get().value()).isEqualTo(scores.loss());
        // A frozen decoder's kernels differ from a trained one's in the last bits.
        assertThat(report.loss()).isCloseTo(scores.loss(), withinPercentage(1e-3));
        assertThat(report.klPerToken())
                .isCloseTo(scores.divergence().orElseThrow().klForward(), withinPercentage(1e-3));
        assertThat(report.klPerToken()).isPositive();
        assertThat(report.rougeL()).isEqualTo(scores.rougeL());
    }

    @Test
    void evaluation_changesNoStep() throws Exception {
        List<Sample> batch = TinyRun.batch(4, tokenizer);
        StudentThread plain = open();
        await(plain.train(batch, 0));
        double expected = await(plain.train(batch, 1)).loss();
        plain.close();

        StudentThread thread = open();
        await(thread.train(batch, 0));
        EvalScores before = await(thread.evaluate()).scores();
        EvalScores again = await(thread.evaluate()).scores();
        double loss = await(thread.train(batch, 1)).loss();
        EvalScores after = await(thread.evaluate()).scores();
        thread.close();

        assertThat(loss).isEqualTo(expected);
        assertThat(again).isEqualTo(before);
        assertThat(after.loss()).isNotEqualTo(before.loss());
    }

    @Test
    void items_areCutToTheLimit() {
        assertThat(RunEvaluation.items(settings)).hasSize(2);
        assertThat(RunEvaluation.items(EvalSettings.defaults())).isEmpty();
    }

    private Path first(int lines) throws Exception {
        Path all = Path.of(settings.evalData());
        return Files.write(
                folder.resolve("first.jsonl"), Files.readAllLines(all).subList(0, lines));
    }

    private StudentThread open() {
        StudentThread thread = StudentThread.open(
                EngineThread.start(EngineSettings.cpu("run-evaluation-test", 1)),
                student,
                engine -> TrainingStep.open(
                        engine,
                        TrainableStudent.whole(engine, student, false),
                        tokenizer,
                        TinyRun.teacher(student, tokenizer.vocabulary()),
                        TinyRun.settings(1, 60, 4)),
                vertx.getOrCreateContext());
        thread.prepare(settings, RunEvaluation.items(settings), tokenizer, 6);
        return thread;
    }

    private static RunState state(long step) {
        return new RunState(
                step,
                Cursor.START,
                new LedgerState(4, 4, 4, 0, List.of()),
                RunTotals.NONE,
                "",
                Optional.empty(),
                List.of(),
                JsonNodeFactory.instance.objectNode());
    }

    private static <T> T await(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
    }
}
