// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.verb;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import reflux.learner.eval.EvalConfig;
import reflux.learner.eval.EvalReport;
import reflux.learner.eval.Evaluation;

@Command(
        name = "eval",
        sortOptions = false,
        description = "Decode every prompt of a JSONL file greedily and compare with its references.")
final class EvalVerb implements Callable<Integer> {
    /** What is measured; one so far. */
    enum Metric {
        PER
    }

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
            defaultValue = "PER",
            description = "per: error rate of units between white space, and share of responses not exact.")
    private Metric metric = Metric.PER;

    @Option(
            names = "--teacher",
            paramLabel = "DIR",
            description = "Also measure the KL from this model on the references, per paired token.")
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
        EvalReport report = new Evaluation(config).run();
        System.out.printf(
                "%s  %s %.4f  wer %.4f  (%d prompts, %.1f s)%n",
                model,
                metric.name().toLowerCase(java.util.Locale.ROOT),
                report.per(),
                report.wer(),
                report.count(),
                report.seconds());
        if (report.klPerToken() != null) {
            System.out.printf("kl_per_token %.4f  align_ratio %.4f%n", report.klPerToken(), report.alignRatio());
        }
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
}
