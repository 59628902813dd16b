// SPDX-License-Identifier: Apache-2.0
package reflux.learner;

import io.vertx.core.Context;
import io.vertx.core.Future;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import reflux.learner.checkpoint.BestCheckpoint;
import reflux.learner.checkpoint.Checkpoint;
import reflux.learner.checkpoint.CheckpointStore;
import reflux.learner.checkpoint.RunState;
import reflux.learner.eval.EvalItem;
import reflux.learner.eval.EvalScores;
import reflux.learner.eval.EvalSettings;
import reflux.learner.eval.LanguageModel;
import reflux.learner.eval.RunEvaluation;
import reflux.learner.ledger.Sample;
import reflux.learner.publish.WeightSnapshot;
import reflux.learner.step.StepResult;
import reflux.learner.step.TrainingStep;
import reflux.model.engine.EngineThread;
import reflux.model.engine.Tensor;
import reflux.model.hf.ModelDirectory;
import reflux.model.safetensors.SafetensorsFile;
import reflux.model.safetensors.SafetensorsWriter;
import reflux.model.safetensors.TensorInfo;
import reflux.model.text.TextTokenizer;

/**
 * The student under training, on its engine thread. What is asked is done in the order of asking; results come back on the
 * learner's context.
 */
final class StudentThread {
    private final EngineThread thread;
    private final TrainingStep training;
    private final ModelDirectory origin;
    private final Context context;
    private Optional<RunEvaluation> evaluation = Optional.empty();

    private StudentThread(EngineThread thread, TrainingStep training, ModelDirectory origin, Context context) {
        this.thread = thread;
        this.training = training;
        this.origin = origin;
        this.context = context;
    }

    /** Opens a student. Blocks. */
    static StudentThread open(
            EngineThread thread, ModelDirectory origin, EngineThread.Task<TrainingStep> opening, Context context) {
        return new StudentThread(thread, thread.call(opening), origin, context);
    }

    /** Takes optimiser and projector from a checkpoint; the weights were loaded from its directory. Blocks. */
    void restore(Checkpoint checkpoint) {
        thread.call(engine -> {
            try (SafetensorsFile moments = SafetensorsFile.open(checkpoint.optimiser());
                    SafetensorsFile projector = SafetensorsFile.open(checkpoint.projector())) {
                training.optimiser().restore(moments, checkpoint.state().step());
                training.loss().restore(projector);
                return true;
            }
        });
    }

    /** Makes ready for {@link #evaluate}. Blocks. */
    void prepare(EvalSettings settings, List<EvalItem> items, TextTokenizer tokenizer, int maxNewTokens) {
        evaluation = Optional.of(thread.call(engine -> RunEvaluation.open(
                engine, settings, items, new LanguageModel(training.student(), tokenizer), maxNewTokens)));
    }

    Future<StepResult> train(List<Sample> batch, long step) {
        return run(engine -> training.train(batch, step));
    }

    Future<WeightSnapshot> snapshot(long version) {
        return run(engine -> training.snapshot(version));
    }

    /** Evaluates the weights as they are now. */
    Future<Evaluated> evaluate() {
        return run(engine -> measured());
    }

    /** The same, and writes a checkpoint of these weights with what was found. */
    Future<Evaluated> evaluate(CheckpointStore store, RunState state) {
        return run(engine -> {
            Evaluated found = measured();
            return found.in(store.write(state, found.scores().named(), this::write));
        });
    }

    private Evaluated measured() {
        long began = System.nanoTime();
        RunEvaluation prepared = evaluation.orElseThrow(() -> new IllegalStateException("no evaluation is prepared"));
        EvalScores scores = prepared.measure();
        return new Evaluated(scores, (System.nanoTime() - began) / 1e9, Optional.empty());
    }

    /**
     * What an evaluation found.
     *
     * @param checkpoint of the same weights, if one was written
     */
    record Evaluated(EvalScores scores, double seconds, Optional<Path> checkpoint) {
        private Evaluated in(Path directory) {
            return new Evaluated(scores, seconds, Optional.of(directory));
        }
    }

    /** Writes a checkpoint with the weights as they are now. */
    Future<Path> checkpoint(CheckpointStore store, RunState state) {
        return checkpoint(store, state, Map.of());
    }

    /** @param scores of these weights; empty if they were not evaluated */
    Future<Path> checkpoint(CheckpointStore store, RunState state, Map<String, Double> scores) {
        return run(engine -> store.write(state, scores, this::write));
    }

    /** The best checkpoint that is kept. */
    Future<Optional<BestCheckpoint>> best(CheckpointStore store) {
        return run(engine -> store.best());
    }

    /** Writes the student alone, as a Hugging Face directory, and its adapter, if any, beside it. */
    Future<Path> save(Path directory) {
        return run(engine -> {
            training.trained().save(directory, origin);
            return directory;
        });
    }

    /** Ends the thread when what was asked is done. Blocks. */
    void close() {
        thread.call(engine -> {
            evaluation.ifPresent(RunEvaluation::close);
            training.close();
            return true;
        });
        thread.close();
    }

    private <T> Future<T> run(EngineThread.Task<T> task) {
        return Future.fromCompletionStage(thread.submit(task), context);
    }

    private void write(Path directory) throws IOException {
        training.trained().write(directory, origin);
        Map<String, Tensor> moments = training.optimiser().state();
        List<TensorInfo> infos = new ArrayList<>();
        moments.forEach((name, tensor) -> infos.add(info(name, tensor)));
        write(directory.resolve(Checkpoint.OPTIMISER), infos, name -> value(moments, name)
                .bytes());
        write(directory.resolve(Checkpoint.PROJECTOR), training.loss().infos(), training.loss()::bytes);
    }

    private static void write(Path file, List<TensorInfo> infos, Function<String, ByteBuffer> bytes) {
        SafetensorsWriter.write(file, infos, bytes, Map.of("format", "pt"));
    }

    private static Tensor value(Map<String, Tensor> tensors, String name) {
        Tensor tensor = tensors.get(name);
        if (tensor == null) {
            throw new IllegalArgumentException("no tensor " + name);
        }
        return tensor;
    }

    private static TensorInfo info(String name, Tensor tensor) {
        List<Long> shape = Arrays.stream(tensor.shape()).boxed().toList();
        return TensorInfo.of(name, tensor.type(), shape);
    }
}
