// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.verb;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import reflux.deploy.selftest.Check;
import reflux.deploy.selftest.SelfTest;
import reflux.learner.objective.Objective;

@Command(
        name = "selftest",
        sortOptions = false,
        description = {
            "Check a model on this machine: two teachers agree, a student that is its own teacher has nothing to learn, and it does"
                    + " not matter how a batch is cut.",
            "Prints each number with PASS or FAIL; ends with 1 if one fails."
        })
final class SelftestVerb implements Callable<Integer> {
    private static final String ALL = "all";

    @Option(names = "--model", required = true, paramLabel = "DIR", description = "Hugging Face directory.")
    private Path model = Path.of(".");

    @Option(
            names = "--objective",
            paramLabel = "NAME",
            defaultValue = ALL,
            description = "As learner.objective, or all (default: ${DEFAULT-VALUE}); repeatable.")
    private List<String> objectives = List.of();

    @Option(
            names = "--data",
            paramLabel = "FILE",
            description = "Lines of {\"prompt\",\"response\"} that fit the model's context (default: random words).")
    private @Nullable Path data;

    @Option(names = "--threads", defaultValue = "1", description = "Native threads (default: ${DEFAULT-VALUE}).")
    private int threads;

    @Override
    public Integer call() throws IOException {
        List<String> chosen = objectives.contains(ALL) ? Objective.NAMES : objectives;
        List<Check> checks = new SelfTest(model, chosen, data, threads).run(System.out::println);
        long failed = checks.stream().filter(check -> !check.isPassed()).count();
        System.out.printf("%s: %d checks, %d failed%n", failed == 0 ? "PASS" : "FAIL", checks.size(), failed);
        return failed == 0 ? 0 : 1;
    }
}
