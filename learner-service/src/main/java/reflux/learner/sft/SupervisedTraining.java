// SPDX-License-Identifier: Apache-2.0
package reflux.learner.sft;

import java.nio.file.Files;
import java.util.List;
import java.util.function.Predicate;
import reflux.model.decoder.Decoder;
import reflux.model.decoder.Parameter;
import reflux.model.engine.Engine;
import reflux.model.engine.EngineSettings;
import reflux.model.engine.EngineThread;
import reflux.model.engine.Scope;
import reflux.model.engine.Tensor;
import reflux.model.hf.ModelDirectory;
import reflux.model.optim.AdamW;
import reflux.model.optim.ParameterGroup;
import reflux.model.text.TextTokenizer;

/**
 * Trains a decoder on the response tokens of given texts: prompt ids, response ids and the end go in, the labels are the
 * response and the end, the loss of a step is the mean over its label tokens. One thread of its own for all native work.
 */
public final class SupervisedTraining {
    private static final double FLOOR = 0.02;
    private static final int VALID_EXAMPLES = 1000;

    private final SftConfig config;
    private final SftProgress progress;

    public SupervisedTraining(SftConfig config, SftProgress progress) {
        this.config = config;
        this.progress = progress;
    }

    /** Trains to the end and saves; blocks. Fails with the file, the value and the remedy in the message. */
    public SftProgress.Report run() {
        ModelDirectory directory = ModelDirectory.open(config.model());
        List<SftExample> train;
        List<SftExample> valid;
        try (TextTokenizer tokenizer = directory.openTokenizer()) {
            SftData data = new SftData(tokenizer, directory.config().contextLength());
            train = data.read(config.train());
            valid = data.read(config.valid());
        }
        List<SftExample> checked = valid.subList(0, Math.min(VALID_EXAMPLES, valid.size()));
        try (EngineThread thread = EngineThread.start(settings())) {
            return thread.call(engine -> {
                try (Decoder decoder = open(engine, directory);
                        CrossEntropy loss = new CrossEntropy(engine);
                        Run run = new Run(engine, directory, decoder, loss, checked)) {
                    return run.train(new LengthBatches(train, config.batchTokens(), config.seed()));
                }
            });
        }
    }

    private EngineSettings settings() {
        return EngineSettings.cpu("sft", config.threads()).withMatmulPrecision(config.precision());
    }

    private Decoder open(Engine engine, ModelDirectory directory) {
        boolean trained = Files.exists(directory.path().resolve("model.safetensors"))
                || Files.exists(directory.path().resolve("model.safetensors.index.json"));
        return trained
                ? Decoder.loadTrainable(engine, directory)
                : Decoder.random(engine, directory.config(), config.seed());
    }

    /** Matrices decay; norms and biases do not. */
    private List<ParameterGroup> groups(Decoder decoder) {
        List<Parameter> parameters = decoder.weights().parameters();
        Predicate<Parameter> isMatrix = parameter -> parameter.value().shape().length > 1;
        return List.of(
                new ParameterGroup(
                        "matrices", parameters.stream().filter(isMatrix).toList(), 1.0, config.weightDecay()),
                new ParameterGroup(
                        "vectors", parameters.stream().filter(isMatrix.negate()).toList(), 1.0, 0.0));
    }

    /** The state of one run; confined to the engine thread. */
    private final class Run implements AutoCloseable {
        private final Engine engine;
        private final ModelDirectory origin;
        private final Decoder decoder;
        private final CrossEntropy loss;
        private final List<SftExample> valid;
        private final AdamW optimizer;
        private final Tensor headGradient;

        private final long started = System.nanoTime();
        private long reported = started;
        private long saved = started;
        private long step;
        private long labels;
        private long positions;
        private double lossSum;
        private double gradNorm;

        Run(Engine engine, ModelDirectory origin, Decoder decoder, CrossEntropy loss, List<SftExample> valid) {
            this.engine = engine;
            this.origin = origin;
            this.decoder = decoder;
            this.loss = loss;
            this.valid = valid;
            this.optimizer = new AdamW(engine, groups(decoder), 0.9, 0.98, 1e-8);
            this.headGradient = decoder.headParameter().gradient();
        }

        SftProgress.Report train(LengthBatches data) {
            List<List<SftExample>> batches = data.epoch(0);
            long total = Math.max(1, Math.round(config.epochs() * batches.size()));
            Schedule schedule =
                    new Schedule(config.warmupSteps(), total, config.limit().toNanos(), FLOOR);
            SftProgress.Report report = report(schedule, batches.size());
            int position = 0;
            while (step < total && elapsed() < config.limit().toNanos()) {
                if (position == batches.size()) {
                    batches = data.epoch((int) (step / batches.size()));
                    position = 0;
                }
                trainStep(batches.get(position++), schedule);
                if (System.nanoTime() - reported > config.reportEvery().toNanos()) {
                    report = report(schedule, batches.size());
                }
                if (System.nanoTime() - saved > config.saveEvery().toNanos()) {
                    save();
                }
            }
            report = report(schedule, batches.size());
            save();
            return report;
        }

        private void trainStep(List<SftExample> batch, Schedule schedule) {
            Rows rows = Rows.of(batch);
            try (Scope scope = engine.scope().child()) {
                Tensor rows_ND = engine.recording(
                        () -> decoder.rows(scope, decoder.hiddenForTraining(scope, rows.inputs()), rows.indices()));
                CrossEntropy.Loss value = loss.evaluate(
                        scope,
                        rows_ND,
                        decoder.head(),
                        scope.ints(rows.labels(), rows.count()),
                        1.0 / rows.count(),
                        headGradient);
                engine.backward(rows_ND, value.rowsGradient_ND());
                lossSum += value.sum();
            }
            gradNorm = optimizer.clip(config.maxGradNorm());
            optimizer.step(config.learningRate() * schedule.at(step, elapsed()));
            step++;
            labels += rows.count();
            positions += rows.positions();
        }

        private SftProgress.Report report(Schedule schedule, int stepsPerEpoch) {
            double validLoss = validLoss();
            long now = System.nanoTime();
            SftProgress.Report report = new SftProgress.Report(
                    step,
                    schedule.totalSteps(),
                    step / (double) stepsPerEpoch,
                    lossSum / Math.max(1, labels),
                    validLoss,
                    gradNorm,
                    config.learningRate() * schedule.at(step, elapsed()),
                    positions / Math.max(1e-9, (now - reported) / 1e9),
                    elapsed() / 1e9);
            progress.report(report);
            reported = System.nanoTime();
            labels = 0;
            positions = 0;
            lossSum = 0;
            return report;
        }

        private double validLoss() {
            double sum = 0;
            long count = 0;
            for (List<SftExample> batch : new LengthBatches(valid, config.batchTokens(), 0).epoch(0)) {
                Rows rows = Rows.of(batch);
                try (Scope scope = engine.scope().child()) {
                    Tensor hidden_BTD = decoder.hidden(scope, rows.inputs());
                    Tensor rows_ND = decoder.rows(scope, hidden_BTD, rows.indices());
                    sum += loss.sum(scope, rows_ND, decoder.head(), scope.ints(rows.labels(), rows.count()));
                    count += rows.count();
                }
            }
            return count == 0 ? Double.NaN : sum / count;
        }

        private void save() {
            SavedModel.write(decoder, origin, config.output(), config.saveType());
            saved = System.nanoTime();
        }

        private long elapsed() {
            return System.nanoTime() - started;
        }

        @Override
        public void close() {
            optimizer.close();
        }
    }
}
