// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.verb;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import reflux.learner.sft.SftConfig;
import reflux.learner.sft.SupervisedTraining;
import reflux.model.engine.DataType;
import reflux.model.engine.MatmulPrecision;

@Command(
        name = "sft",
        sortOptions = false,
        description = {
            "Train a model on {\"prompt\",\"response\"} lines by cross-entropy on the response.",
            "A directory with config.json and a tokenizer but no weights starts from seeded random weights."
        })
final class SftVerb implements Callable<Integer> {
    @Option(
            names = "--model",
            required = true,
            paramLabel = "DIR",
            description = "Hugging Face directory to start from.")
    private Path model = Path.of(".");

    @Option(names = "--data", required = true, paramLabel = "FILE", description = "Training JSONL; repeatable.")
    private List<Path> data = new ArrayList<>();

    @Option(names = "--valid", paramLabel = "FILE", description = "JSONL for the validation loss; repeatable.")
    private List<Path> valid = new ArrayList<>();

    @Option(names = "--out", required = true, paramLabel = "DIR", description = "Where the trained model goes.")
    private Path out = Path.of(".");

    @Option(names = "--epochs", defaultValue = "3", description = "Passes over the data (default: ${DEFAULT-VALUE}).")
    private double epochs;

    @Option(
            names = "--max-minutes",
            defaultValue = "1440",
            description = "Ends by then, cooled down (default: ${DEFAULT-VALUE}).")
    private double maxMinutes;

    @Option(
            names = "--batch-tokens",
            defaultValue = "4096",
            description = "Padded tokens of a step (default: ${DEFAULT-VALUE}).")
    private int batchTokens;

    @Option(names = "--learning-rate", defaultValue = "1e-3", description = "Its peak (default: ${DEFAULT-VALUE}).")
    private double learningRate;

    @Option(names = "--warmup-steps", defaultValue = "100", description = "Default: ${DEFAULT-VALUE}.")
    private int warmupSteps;

    @Option(names = "--weight-decay", defaultValue = "0.01", description = "Of matrices (default: ${DEFAULT-VALUE}).")
    private double weightDecay;

    @Option(names = "--max-grad-norm", defaultValue = "1", description = "Default: ${DEFAULT-VALUE}.")
    private double maxGradNorm;

    @Option(names = "--seed", defaultValue = "42", description = "Of weights and order (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(names = "--threads", defaultValue = "2", description = "Native threads (default: ${DEFAULT-VALUE}).")
    private int threads;

    @Option(
            names = "--precision",
            defaultValue = "MEDIUM",
            description = "Of f32 matrix products: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private MatmulPrecision precision = MatmulPrecision.MEDIUM;

    @Option(names = "--save-type", defaultValue = "F32", description = "F32 or BF16 (default: ${DEFAULT-VALUE}).")
    private DataType saveType = DataType.F32;

    @Option(names = "--save-minutes", defaultValue = "5", description = "Between saves (default: ${DEFAULT-VALUE}).")
    private double saveMinutes;

    @Option(names = "--report-seconds", defaultValue = "10", description = "Between lines (default: ${DEFAULT-VALUE}).")
    private double reportSeconds;

    @Override
    public Integer call() {
        SftConfig config = new SftConfig(
                model,
                out,
                data,
                valid,
                epochs,
                seconds(60 * maxMinutes),
                batchTokens,
                learningRate,
                warmupSteps,
                weightDecay,
                maxGradNorm,
                seed,
                threads,
                precision,
                saveType,
                seconds(reportSeconds),
                seconds(60 * saveMinutes));
        new SupervisedTraining(config, report -> System.out.println(report)).run();
        System.out.println("saved " + out);
        return 0;
    }

    private static Duration seconds(double seconds) {
        return Duration.ofMillis(Math.round(1000 * seconds));
    }
}
