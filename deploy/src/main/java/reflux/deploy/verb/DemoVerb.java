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
import reflux.deploy.demo.Demo;
import reflux.deploy.demo.DemoSettings;

@Command(
        name = "demo",
        sortOptions = false,
        description = "Run the whole ring on this machine: two teachers, a generator and a learner, as processes.")
final class DemoVerb implements Callable<Integer> {
    @Option(names = "--out", paramLabel = "DIR", description = "Logs, run and report.json (default: target/demo).")
    private @Nullable Path out;

    @Option(
            names = "--max-seconds",
            defaultValue = "160",
            description = "Of the distillation itself (default: ${DEFAULT-VALUE}).")
    private int maxSeconds;

    @Option(
            names = "--max-steps",
            defaultValue = "1150",
            description = "Ends then at the latest (default: ${DEFAULT-VALUE}).")
    private int maxSteps;

    @Option(names = "--eval-words", defaultValue = "1000", description = "Test words (default: ${DEFAULT-VALUE}).")
    private int evalWords;

    @Option(names = "--eval-threads", defaultValue = "2", description = "Default: ${DEFAULT-VALUE}.")
    private int evalThreads;

    @Option(names = "--set", paramLabel = "a.b=c", description = "Overrides the demo's configuration; repeatable.")
    private List<String> overrides = new ArrayList<>();

    @Override
    public Integer call() throws IOException, InterruptedException {
        Path home = Installation.home();
        Path output = out == null
                ? home.resolveSibling("target").resolve("demo")
                : out.toAbsolutePath().normalize();
        DemoSettings.Console console = Boolean.getBoolean("reflux.terminal") && System.getenv("NO_COLOR") == null
                ? DemoSettings.Console.TERMINAL
                : DemoSettings.Console.PLAIN;
        DemoSettings settings =
                new DemoSettings(home, output, maxSeconds, maxSteps, evalThreads, evalWords, overrides, console);
        System.out.println("report: " + new Demo(settings, System.out).run());
        return 0;
    }
}
