// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.demo;

import java.nio.file.Path;
import java.util.List;

/**
 * How the demo runs.
 *
 * @param home the {@code deploy} directory
 * @param output where data, logs, the run and report.json go; emptied of an earlier run first
 * @param maxSeconds of the distillation itself
 * @param maxSteps of the distillation; it ends at whichever comes first
 * @param evalThreads native threads of the evaluations, while nothing else runs
 * @param evalWords test words that are evaluated
 * @param overrides more settings, as {@code --set} takes them
 */
public record DemoSettings(
        Path home,
        Path output,
        int maxSeconds,
        int maxSteps,
        int evalThreads,
        int evalWords,
        List<String> overrides,
        Console console) {
    public DemoSettings {
        overrides = List.copyOf(overrides);
    }

    /** Where progress is shown. */
    public enum Console {
        TERMINAL,
        PLAIN
    }

    Path teacher() {
        return home.resolve("demo-models/teacher");
    }

    Path student() {
        return home.resolve("demo-models/student");
    }
}
