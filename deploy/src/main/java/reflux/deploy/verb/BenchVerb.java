// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.verb;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import reflux.deploy.bench.Bench;
import reflux.deploy.bench.BenchReport;
import reflux.deploy.bench.BenchSettings;
import reflux.deploy.bench.DecodeBatchBench;
import reflux.deploy.bench.DecodeBench;
import reflux.deploy.bench.LossBench;
import reflux.deploy.bench.Machine;
import reflux.deploy.bench.Measurement;
import reflux.deploy.bench.ModelSize;
import reflux.deploy.bench.ScoreBench;
import reflux.deploy.bench.TrainBench;
import reflux.deploy.bench.ring.LoopBench;
import reflux.deploy.bench.ring.MemoryBench;
import reflux.deploy.bench.ring.PublishBench;
import reflux.deploy.bench.ring.WireBench;
import reflux.model.hf.ModelDirectory;

@Command(
        name = "bench",
        sortOptions = false,
        description = {
            "Measure how near Reflux comes to what this machine allows: each thing beside its limit, in turn, in one process.",
            "Prints medians, ratios and goals, with the machine, the versions and the command. Does not fail if a goal is missed,",
            "but if a row cannot be measured; the others are told all the same. Goals are for a model of 135M parameters."
        })
final class BenchVerb implements Callable<Integer> {
    private static final Map<String, Bench> ROWS = rows();

    @Parameters(
            arity = "1..*",
            paramLabel = "WHAT",
            description = "decode, decode-batch, score, train, train-sft, loss, wire, publish, loop, memory.")
    private List<String> what = new ArrayList<>();

    @Option(
            names = {"--model", "--student"},
            required = true,
            paramLabel = "DIR",
            description = "Hugging Face directory.")
    private Path model = Path.of(".");

    @Option(
            names = "--teacher",
            paramLabel = "DIR",
            description = "Hugging Face directory of the teacher of loop and memory (default: the model itself).")
    private @Nullable Path teacher;

    @Option(names = "--json", paramLabel = "FILE", description = "Write everything there, each round included.")
    private @Nullable Path json;

    @Option(names = "--threads", description = "Native threads (default: as many as there are cores).")
    private int threads = Runtime.getRuntime().availableProcessors();

    @Option(
            names = "--seconds",
            defaultValue = "30",
            description = "About how long each row takes; no fewer than five rounds (default: ${DEFAULT-VALUE}).")
    private double seconds;

    @Spec
    private @Nullable CommandSpec spec;

    private static Map<String, Bench> rows() {
        Map<String, Bench> rows = new LinkedHashMap<>();
        rows.put("decode", new DecodeBench());
        rows.put("decode-batch", new DecodeBatchBench());
        rows.put("score", new ScoreBench());
        rows.put("train", TrainBench.distilling());
        rows.put("train-sft", TrainBench.supervised());
        rows.put("loss", new LossBench());
        rows.put("wire", new WireBench());
        rows.put("publish", new PublishBench());
        rows.put("loop", new LoopBench());
        rows.put("memory", new MemoryBench());
        return rows;
    }

    @Override
    public Integer call() throws Exception {
        for (String each : what) {
            if (!ROWS.containsKey(each)) {
                throw new ParameterException(
                        requireNonNull(spec).commandLine(), each + " is none of " + String.join(", ", ROWS.keySet()));
            }
        }
        BenchSettings settings = new BenchSettings(model, teacher == null ? model : teacher, threads, seconds);
        ModelSize size = ModelSize.of(ModelDirectory.open(model));
        List<Measurement> found = new ArrayList<>();
        Map<String, String> failures = new LinkedHashMap<>();
        for (String each : what) {
            try {
                found.addAll(requireNonNull(ROWS.get(each)).run(settings));
            } catch (InterruptedException e) {
                throw e;
            } catch (Exception e) {
                failures.put(each, RefluxCommand.message(e));
            }
        }
        report(new BenchReport(command(), Machine.describe(), size, found, failures));
        return failures.isEmpty() ? 0 : 1;
    }

    private String command() {
        List<String> arguments =
                requireNonNull(spec).root().commandLine().getParseResult().originalArgs();
        return "reflux " + String.join(" ", arguments);
    }

    private void report(BenchReport report) throws IOException {
        PrintWriter out = requireNonNull(spec).commandLine().getOut();
        out.println(report.text());
        out.flush();
        if (json != null) {
            report.write(json);
        }
    }
}
