// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.compare;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import reflux.learner.eval.EvalConfig;
import reflux.learner.eval.EvalReport;
import reflux.learner.eval.Evaluation;

/** Trains, evaluates, and clears away what only the run needed. Several runs may go on at once. */
final class MeasuredRun {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int MAX_NEW_TOKENS = 40;
    private static final int BATCH = 250;
    /** What is left of a run: settings, metrics and summary. */
    private static final List<String> KEPT = List.of(".yaml", ".json", ".jsonl");

    private final ComparisonSettings how;
    private final TrainingRing ring;
    private final ComparisonData data;
    private final Path teacher;

    MeasuredRun(ComparisonSettings how, TrainingRing ring, ComparisonData data, ObjectNode common) {
        this.how = how;
        this.ring = ring;
        this.data = data;
        this.teacher = how.home().resolve(common.path("teacher").path("model").asText());
    }

    RunResult run(TrainingRun run) throws IOException {
        Path output = how.work().resolve("runs").resolve(run.name());
        clear(output, List.of());
        JsonNode summary = ring.train(run, output);
        EvalReport report = evaluate(Path.of(summary.path("student_dir").asText()), run);
        RunResult result = result(run, summary, report, output);
        clear(output, KEPT);
        return result;
    }

    private EvalReport evaluate(Path student, TrainingRun run) throws IOException {
        Path words = words(run);
        return new Evaluation(new EvalConfig(student, words, teacher, MAX_NEW_TOKENS, BATCH, 1, 0)).run();
    }

    /** The first lines of the words that a run's part is evaluated on. */
    private Path words(TrainingRun run) throws IOException {
        Path all = run.part() == TrainingRun.Part.SEARCH ? data.valid() : data.test();
        Path first = how.work().resolve("runs").resolve(run.name()).resolve("words.jsonl");
        try (Stream<String> lines = Files.lines(all)) {
            return Files.write(first, lines.limit(run.words()).toList());
        }
    }

    private RunResult result(TrainingRun run, JsonNode summary, EvalReport report, Path output) throws IOException {
        boolean isPaired = summary.path("align_ratio").asDouble() > 0;
        Double divergence = report.klPerToken();
        return new RunResult(
                run.method().name(),
                run.part().name(),
                Path.of(run.learner().path("student").asText()).getFileName().toString(),
                run.learningRate(),
                run.seed(),
                run.digest(how),
                summary.path("steps").asLong(),
                summary.path("rollouts_trained").asLong(),
                summary.path("trained_tokens").asLong(),
                report.count(),
                report.per(),
                report.wer(),
                divergence == null ? Double.NaN : divergence,
                summary.path("seconds").asDouble(),
                summary.path("staleness_mean").asDouble(),
                isPaired ? summary.path("align_ratio").asDouble() : null,
                isPaired ? mean(output.resolve("metrics.jsonl"), "byte_coverage") : null,
                how.jobs());
    }

    /** Mean of a metric over the steps; null if no step has it. */
    private static @Nullable Double mean(Path metrics, String name) throws IOException {
        double sum = 0;
        long count = 0;
        for (String line : Files.readAllLines(metrics)) {
            JsonNode value = JSON.readTree(line).path(name);
            if (value.isNumber()) {
                sum += value.asDouble();
                count++;
            }
        }
        return count == 0 ? null : sum / count;
    }

    private static void clear(Path directory, List<String> kept) throws IOException {
        if (!Files.exists(directory)) {
            return;
        }
        try (Stream<Path> paths = Files.walk(directory)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                boolean isOwn = directory.equals(path.getParent());
                if (isOwn && kept.stream().anyMatch(path.toString()::endsWith)) {
                    continue;
                }
                if (!path.equals(directory)) {
                    Files.delete(path);
                }
            }
        }
    }
}
