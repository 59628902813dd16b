// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.compare;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Trains the demo's student by each method and evaluates it: first short runs that choose the method's learning rate on the
 * validation words, then a run for each seed with that rate, on test words. Finished runs stand in the work directory and are
 * not run again; a run that fails is told, left out, and tried again next time. Blocks.
 */
public final class Comparison {
    private final ComparisonSettings how;
    private final PrintStream out;
    private final ObjectNode common;
    private final List<Method> all;
    private final List<Method> chosen;
    private final ResultStore store;

    public Comparison(ComparisonSettings how, PrintStream out) {
        this.how = how;
        this.out = out;
        this.common = Method.read(how.methods().resolve(Method.COMMON));
        this.all = Method.readAll(how.methods(), List.of());
        this.chosen = Method.readAll(how.methods(), how.only());
        this.store = new ResultStore(how.work().resolve("results"));
    }

    /** Runs what is missing, a method after the other, and writes the report after each. */
    public void run() throws IOException, InterruptedException {
        ComparisonData data = ComparisonData.write(how);
        try (TrainingRing ring = TrainingRing.open(how, common, data)) {
            MeasuredRun measured = new MeasuredRun(how, ring, data, common);
            for (Method method : chosen) {
                train(measured, searches(method));
                train(measured, tests(method));
                report();
            }
        }
    }

    /** Writes table, numbers and plot of what is finished, whichever methods were chosen to run. */
    public void report() throws IOException {
        List<MethodSummary> summaries = new ArrayList<>();
        for (Method method : all) {
            MethodSummary.of(method.name(), results(tests(method)), results(searches(method)))
                    .ifPresent(summaries::add);
        }
        if (!summaries.isEmpty()) {
            ComparisonReport.write(how, summaries);
        }
    }

    private void train(MeasuredRun measured, List<TrainingRun> runs) throws InterruptedException {
        List<TrainingRun> missing =
                runs.stream().filter(run -> finished(run).isEmpty()).toList();
        ExecutorService jobs = Executors.newFixedThreadPool(how.jobs());
        try {
            List<Future<?>> waiting = new ArrayList<>();
            missing.forEach(run -> waiting.add(jobs.submit(() -> train(measured, run))));
            for (Future<?> job : waiting) {
                job.get();
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException("a run could not be stored: " + e.getMessage(), e);
        } finally {
            jobs.shutdownNow();
        }
    }

    private void train(MeasuredRun measured, TrainingRun run) {
        try {
            RunResult result = measured.run(run);
            store.put(run.name(), result);
            say(
                    "%-48s PER %5.1f%%  WER %5.1f%%  KL/token %.3f  %.0f s",
                    run.name(), 100 * result.per(), 100 * result.wer(), result.klPerToken(), result.seconds());
        } catch (RuntimeException | IOException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            say("%-48s failed: %s", run.name(), String.valueOf(cause.getMessage()));
        }
    }

    private synchronized void say(String format, Object... values) {
        out.println(String.format(Locale.ROOT, format, values));
        out.flush();
    }

    /** An ablation takes the learning rate of what it is one of. */
    private List<TrainingRun> searches(Method ablation) {
        Method method = ablation.ablationOf().map(this::method).orElse(ablation);
        return how.rates().stream()
                .map(rate -> TrainingRun.of(
                        common, method, TrainingRun.Part.SEARCH, rate, how.searchSeed(), how.searchSteps(), how))
                .toList();
    }

    /** Empty as long as no search has an end. */
    private List<TrainingRun> tests(Method method) {
        Optional<RunResult> best = results(searches(method)).stream().min(Comparator.comparingDouble(RunResult::per));
        return best.stream()
                .flatMap(found -> how.seeds().stream().map(seed -> test(method, found, seed)))
                .toList();
    }

    private Method method(String name) {
        return Method.readAll(how.methods(), List.of(name)).get(0);
    }

    private TrainingRun test(Method method, RunResult search, long seed) {
        int steps = how.stepsFor((double) search.trainedTokens() / search.steps());
        return TrainingRun.of(common, method, TrainingRun.Part.TEST, search.learningRate(), seed, steps, how);
    }

    private List<RunResult> results(List<TrainingRun> runs) {
        return runs.stream().map(this::finished).flatMap(Optional::stream).toList();
    }

    private Optional<RunResult> finished(TrainingRun run) {
        return store.find(run.name()).filter(result -> result.digest().equals(run.digest(how)));
    }
}
