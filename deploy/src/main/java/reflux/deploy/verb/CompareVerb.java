// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.verb;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import reflux.deploy.compare.Comparison;
import reflux.deploy.compare.ComparisonSettings;

@Command(
        name = "compare",
        sortOptions = false,
        description = {
            "Train the demo's student by each method of deploy/compare-methods, and write a table and a plot.",
            "Finished runs are kept: run it again to go on. Takes an hour or more; deploy/compare builds first."
        })
final class CompareVerb implements Callable<Integer> {
    private static final int STOPPED = 130;

    @Option(
            names = "--only",
            split = ",",
            paramLabel = "METHOD",
            description = "Run these methods only; the report keeps all finished ones.")
    private List<String> only = new ArrayList<>();

    @Option(
            names = "--tokens",
            defaultValue = "240000",
            description = "Response tokens that each run trains on (default: ${DEFAULT-VALUE}).")
    private long tokens;

    @Option(names = "--steps", defaultValue = "0", description = "Of each run, instead of --tokens.")
    private int steps;

    @Option(
            names = "--search-steps",
            defaultValue = "200",
            description = "Of the runs that choose a learning rate (default: ${DEFAULT-VALUE}).")
    private int searchSteps;

    @Option(names = "--seeds", split = ",", defaultValue = "1,2,3", description = "Default: ${DEFAULT-VALUE}.")
    private List<Long> seeds = new ArrayList<>();

    @Option(names = "--search-seed", defaultValue = "0", description = "Default: ${DEFAULT-VALUE}.")
    private long searchSeed;

    @Option(
            names = "--rates",
            split = ",",
            defaultValue = "1.5e-3,3e-3,6e-3",
            description = "Learning rates to choose from (default: ${DEFAULT-VALUE}).")
    private List<Double> rates = new ArrayList<>();

    @Option(
            names = "--train-words",
            defaultValue = "1500",
            description = "Words that all are trained on; 0 = all 117,000 (default: ${DEFAULT-VALUE}).")
    private int trainWords;

    @Option(names = "--words", defaultValue = "1000", description = "Test words (default: ${DEFAULT-VALUE}).")
    private int words;

    @Option(
            names = "--jobs",
            defaultValue = "1",
            description = "Runs side by side; seconds compare only with 1 (default: ${DEFAULT-VALUE}).")
    private int jobs;

    @Option(names = "--work", paramLabel = "DIR", description = "Runs, resumable (default: target/compare).")
    private @Nullable Path work;

    @Option(
            names = "--results",
            paramLabel = "DIR",
            description = "Table, numbers, plot (default: learner-service/results; with --only the work directory).")
    private @Nullable Path results;

    @Option(names = "--methods", paramLabel = "DIR", description = "Default: deploy/compare-methods.")
    private @Nullable Path methods;

    @Option(names = "--set", paramLabel = "a.b=c", description = "One setting of all runs; repeatable.")
    private List<String> overrides = new ArrayList<>();

    @Option(names = "--report", description = "Train nothing; write table and plot of what is finished.")
    private boolean isReportOnly;

    @Override
    public Integer call() throws IOException, InterruptedException {
        Path home = Installation.home();
        Path runs = absolute(work, home.resolveSibling("target").resolve("compare"));
        ComparisonSettings how = new ComparisonSettings(
                home,
                absolute(methods, home.resolve("compare-methods")),
                runs,
                absolute(results, only.isEmpty() ? home.resolveSibling("learner-service/results") : runs),
                only,
                seeds,
                searchSeed,
                rates,
                tokens,
                steps,
                searchSteps,
                trainWords,
                words,
                jobs,
                overrides);
        Comparison comparison = new Comparison(how, System.out);
        if (!isReportOnly) {
            run(comparison);
        }
        comparison.report();
        System.out.println("report: " + how.results().resolve("compare.md"));
        return 0;
    }

    /**
     * A signal ends it at once: results are whole files, and native code is not to be unloaded under threads that are still in
     * it.
     */
    private static void run(Comparison comparison) throws IOException, InterruptedException {
        Thread hook = new Thread(() -> Runtime.getRuntime().halt(STOPPED), "stop");
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            comparison.run();
        } finally {
            Runtime.getRuntime().removeShutdownHook(hook);
        }
    }

    private static Path absolute(@Nullable Path given, Path otherwise) {
        return given == null ? otherwise : given.toAbsolutePath().normalize();
    }
}
