// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.verb;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import reflux.deploy.config.Settings;
import reflux.deploy.config.SettingsBinder;
import reflux.deploy.serve.Role;
import reflux.learner.fixed.FixedLoss;
import reflux.learner.fixed.FixedLossConfig;
import reflux.learner.fixed.FixedLossReport;
import reflux.learner.objective.ObjectiveSettings;

@Command(
        name = "loss",
        sortOptions = false,
        description = {
            "Compute an objective's loss, its terms and gradients on fixed responses, without a server, by the code that trains.",
            "All lines together are one step's batch. What the JSON has: deploy/README.md."
        })
final class LossVerb implements Callable<Integer> {
    @Option(names = "--objective", required = true, paramLabel = "NAME", description = "As learner.objective.")
    private String objective = "";

    @Option(names = "--student", required = true, paramLabel = "DIR", description = "Hugging Face directory.")
    private Path student = Path.of(".");

    @Option(names = "--teacher", paramLabel = "DIR", description = "Hugging Face directory, if the objective asks one.")
    private @Nullable Path teacher;

    @Option(
            names = "--data",
            required = true,
            paramLabel = "FILE",
            description = "Lines of {\"prompt\",\"response\"}, texts; the response ends.")
    private Path data = Path.of(".");

    @Option(
            names = "--kind",
            defaultValue = "GIVEN",
            description =
                    "given: the responses are right answers, and cross-entropy learns them too where kd_ratio is below 1;"
                            + " sampled: they are the student's own (default: given).")
    private FixedLossConfig.Kind kind = FixedLossConfig.Kind.GIVEN;

    @Option(
            names = "--set",
            paramLabel = "key=value",
            description = "A key of the objective, such as beta; repeatable.")
    private List<String> assignments = new ArrayList<>();

    @Option(names = "--out", required = true, paramLabel = "JSON", description = "Where the report goes.")
    private Path out = Path.of(".");

    @Option(names = "--grads", paramLabel = "FILE", description = "A .safetensors file for the gradients.")
    private @Nullable Path gradients;

    @Option(names = "--threads", defaultValue = "1", description = "Native threads (default: ${DEFAULT-VALUE}).")
    private int threads;

    @Override
    public Integer call() throws IOException {
        FixedLossReport report =
                new FixedLoss(new FixedLossConfig(settings(), student, teacher, data, kind, gradients, threads)).run();
        new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValue(out.toFile(), report);
        System.out.println(String.format(
                Locale.ROOT,
                "%s: loss %.7g, gradient norm %.7g, %d responses",
                report.objective(),
                report.loss(),
                report.gradientNorm(),
                report.responses().size()));
        report.sums()
                .forEach((name, term) -> System.out.println(
                        String.format(Locale.ROOT, "  %-24s %.7g (of %d)", name, term.value(), term.denominator())));
        return 0;
    }

    private ObjectiveSettings settings() {
        List<String> placed = Stream.concat(Stream.of("objective=" + objective), assignments.stream())
                .map(assignment -> "learner." + assignment)
                .toList();
        return new SettingsBinder(Settings.assigned(placed), Role.sections())
                .bind("learner", ObjectiveSettings.class, ObjectiveSettings.defaults());
    }
}
