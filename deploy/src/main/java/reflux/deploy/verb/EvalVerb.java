// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.verb;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import reflux.learner.eval.EvalConfig;
import reflux.learner.eval.EvalMetric;
import reflux.learner.eval.EvalReport;
import reflux.learner.eval.Evaluation;

@Command(
        name = "eval",
        sortOptions = false,
        description = "Decode every prompt of a JSONL file greedily and compare with its references.")
final class EvalVerb implements Callable<Integer> {
    @Option(names = "--model", required = true, paramLabel = "DIR", description = "Hugging Face directory.")
    private Path model = Path.of(".");

    @Option(
            names = "--data",
            required = true,
            paramLabel = "FILE",
            description = "Lines of {\"prompt\",\"response\"}; the response a text or a list of right ones.")
    private Path data = Path.of(".");

    @Option(
            names = "--metric",
            defaultValue = "per",
            paramLabel = "NAME",
            description = "Named first: per (error rate of units between white space), wer (share of responses with an"
                    + " error), rouge_l, exact_match, loss (-log q per token of the references), kl_forward or"
                    + " kl_reverse (both with --teacher). All are printed.")
    private String metric = "per";

    @Option(
            names = "--teacher",
            paramLabel = "DIR",
            description = "Also measure the KL from this model, both ways, per paired token of the references.")
    private @Nullable Path teacher;

    @Option(names = "--json", paramLabel = "OUT", description = "Write the report there.")
    private @Nullable Path json;

    @Option(names = "--max-new-tokens", defaultValue = "64", description = "Default: ${DEFAULT-VALUE}.")
    private int maxNewTokens;

    @Option(names = "--batch-size", defaultValue = "128", description = "Default: ${DEFAULT-VALUE}.")
    private int batchSize;

    @Option(names = "--threads", defaultValue = "1", description = "Native threads (default: ${DEFAULT-VALUE}).")
    private int threads;

    @Option(names = "--samples", defaultValue = "5", description = "Responses to show (default: ${DEFAULT-VALUE}).")
    private int samples;

    @Override
    public Integer call() throws IOException {
        EvalConfig config = new EvalConfig(model, data, teacher, maxNewTokens, batchSize, threads, samples);
        EvalMetric first = EvalMetric.named(metric);
        if (first.needsTeacher() && teacher == null) {
            throw new IllegalArgumentException(
                    "--metric " + metric + " compares with a teacher; name one by --teacher");
        }
        EvalReport report = new Evaluation(config).run();
        print(first, report);
        for (EvalReport.Sample sample : report.samples()) {
            System.out.printf(
                    "  %-16s %s   (%s)%n", sample.prompt(), sample.response(), String.join(" | ", sample.references()));
        }
        if (json != null) {
            new ObjectMapper()
                    .setPropertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
                    .enable(SerializationFeature.INDENT_OUTPUT)
                    .writeValue(json.toFile(), report);
        }
        return 0;
    }

    private void print(EvalMetric first, EvalReport report) {
        System.out.printf(
                "%s  %s  (%d prompts, %.1f s)%n", model, text(first, report), report.count(), report.seconds());
        String others = Arrays.stream(EvalMetric.values())
                .filter(metric -> metric != first && report.value(metric).isPresent())
                .map(metric -> text(metric, report))
                .collect(Collectors.joining("  "));
        System.out.println("  " + others);
        if (report.alignRatio() != null) {
            System.out.printf("  align_ratio %.4f%n", report.alignRatio());
        }
    }

    private static String text(EvalMetric metric, EvalReport report) {
        return String.format(
                Locale.ROOT, "%s %.4f", metric.key(), report.value(metric).orElse(Double.NaN));
    }
}
