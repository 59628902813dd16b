// SPDX-License-Identifier: Apache-2.0
package reflux.learner;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reflux.learner.checkpoint.Checkpoint;
import reflux.learner.checkpoint.CheckpointStore;
import reflux.learner.checkpoint.RunState;
import reflux.learner.checkpoint.RunTotals;
import reflux.learner.data.Cursor;
import reflux.learner.data.Example;
import reflux.learner.data.FilePrompts;
import reflux.learner.ledger.Admission;
import reflux.learner.ledger.Ledger;
import reflux.learner.ledger.Sample;
import reflux.learner.step.StepResult;
import reflux.learner.step.StepSettings;
import reflux.learner.step.TinyRun;
import reflux.learner.step.TrainableStudent;
import reflux.learner.step.TrainingStep;
import reflux.model.engine.Engine;
import reflux.model.engine.EngineSettings;
import reflux.model.engine.EngineThread;
import reflux.model.hf.AdapterDirectory;
import reflux.model.hf.LoraConfig;
import reflux.model.hf.ModelDirectory;
import reflux.model.text.PromptText;
import reflux.model.text.TextTokenizer;

/** A run that is stopped and resumed is the run that was not stopped, bit by bit. No services: samples follow from their ids. */
@Timeout(60)
class ResumeTest {
    private static final int BATCH = 4;
    private static final int STEPS = 8;
    private static final long SEED = 42;

    @TempDir
    Path folder;

    private final Vertx vertx = Vertx.vertx();

    @AfterEach
    void closeVertx() throws Exception {
        await(vertx.close());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void stoppedAndResumed_hasTheSamePromptsRatesLossesAndTensors(boolean usePeft) throws Exception {
        ModelDirectory student = TinyRun.student(folder);
        List<String> whole = run(student, folder.resolve("whole"), Optional.empty(), STEPS, usePeft);

        List<String> halves =
                new ArrayList<>(run(student, folder.resolve("half"), Optional.empty(), STEPS / 2, usePeft));
        Checkpoint half =
                new CheckpointStore(folder.resolve("half"), 0).newest().orElseThrow();
        halves.addAll(run(student, folder.resolve("rest"), Optional.of(half), STEPS, usePeft));

        assertThat(halves).isEqualTo(whole);
        String weights = usePeft ? "adapter_model.safetensors" : "model.safetensors";
        for (String file : List.of(weights, Checkpoint.OPTIMISER, Checkpoint.PROJECTOR)) {
            assertThat(bytes("rest", file)).as(file).isEqualTo(bytes("whole", file));
        }
    }

    /** Trains up to {@code steps}, writes a checkpoint, and says of each step what it was. */
    private List<String> run(ModelDirectory student, Path output, Optional<Checkpoint> from, int steps, boolean usePeft)
            throws Exception {
        TextTokenizer tokenizer = student.openTokenizer();
        Context context = vertx.getOrCreateContext();
        StepSettings settings = TinyRun.settings(1, 60, STEPS);
        StudentThread thread = StudentThread.open(
                EngineThread.start(EngineSettings.cpu("resume-test", 1)),
                student,
                engine -> TrainingStep.open(
                        engine,
                        open(engine, student, from, usePeft),
                        tokenizer,
                        TinyRun.teacher(student, tokenizer.vocabulary()),
                        settings),
                context);
        from.ifPresent(thread::restore);
        Admission admission = new Admission(BATCH, 1, (long) STEPS * BATCH);
        long version = from.map(found -> found.state().step()).orElse(0L);
        Ledger ledger = from.map(
                        found -> Ledger.restore(admission, found.state().ledger(), version))
                .orElseGet(() -> new Ledger(admission));
        FilePrompts prompts = new FilePrompts(
                examples(), SEED, 1, from.map(found -> found.state().cursor()).orElse(Cursor.START));
        List<String> said = new ArrayList<>();
        for (long step = version; step < steps; step++) {
            for (long n = ledger.mayIssue(step); n > 0; n--) {
                ledger.issue(prompts.next().orElseThrow(), step);
            }
            long now = step;
            ledger.outstanding().forEach(open -> ledger.accept(TinyRun.sample(open, tokenizer, now)));
            List<Sample> batch = ledger.take(step);
            StepResult result = await(thread.train(batch, step));
            ledger.trained(batch);
            said.add(batch.stream().map(Sample::id).toList() + " " + result.learningRate() + " " + result.loss());
        }
        RunState state = new RunState(
                steps,
                prompts.cursor(),
                ledger.state(),
                RunTotals.NONE,
                "",
                Optional.empty(),
                List.of(),
                JsonNodeFactory.instance.objectNode());
        await(thread.checkpoint(new CheckpointStore(output, 0), state));
        thread.close();
        tokenizer.close();
        return said;
    }

    private static TrainableStudent open(
            Engine engine, ModelDirectory student, Optional<Checkpoint> from, boolean usePeft) {
        if (usePeft) {
            LoraConfig lora = new LoraConfig(3, 6, 0.2, List.of("c_attn"), false);
            Optional<AdapterDirectory> stored = from.map(found -> AdapterDirectory.open(found.directory()));
            return TrainableStudent.adapted(engine, student, lora, stored, SEED, true);
        }
        ModelDirectory weights =
                from.map(found -> ModelDirectory.open(found.directory())).orElse(student);
        return TrainableStudent.whole(engine, weights, false);
    }

    private static List<Example> examples() {
        return IntStream.range(0, 13)
                .mapToObj(i -> new Example(new PromptText.Text("prompt " + i), List.of(), "prompts:" + i))
                .toList();
    }

    private byte[] bytes(String run, String file) throws IOException {
        return Files.readAllBytes(
                folder.resolve(run).resolve("checkpoint-" + STEPS).resolve(file));
    }

    private static <T> T await(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
    }
}
