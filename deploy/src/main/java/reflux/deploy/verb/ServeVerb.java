// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.verb;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import reflux.deploy.config.Settings;
import reflux.deploy.config.SettingsBinder;
import reflux.deploy.serve.Role;
import reflux.deploy.serve.ServiceProcess;

@Command(
        name = "serve",
        sortOptions = false,
        description = {
            "Run one service: teacher, generator or learner. SIGTERM drains it.",
            "Settings: the file, over it REFLUX_SECTION__KEY from the environment"
                    + " (REFLUX_TEACHER__MAX_BATCH_TOKENS=8192), over that --set."
        })
final class ServeVerb implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "ROLE", description = "One of: ${COMPLETION-CANDIDATES}.")
    private Role role = Role.TEACHER;

    @Option(
            names = "--config",
            required = true,
            paramLabel = "FILE",
            description = "YAML with a section for each service.")
    private Path config = Path.of(".");

    @Option(names = "--set", paramLabel = "a.b=c", description = "One setting, read as YAML; repeatable.")
    private List<String> assignments = new ArrayList<>();

    @Option(names = "--check-config", description = "Check and print the settings, and end.")
    private boolean isCheckOnly;

    @Override
    public Integer call() {
        SettingsBinder settings =
                new SettingsBinder(Settings.load(config, System.getenv(), assignments), Role.sections());
        Record bound = role.bind(settings);
        if (isCheckOnly) {
            System.out.println(SettingsBinder.describe(role.section(), bound));
            return 0;
        }
        new ServiceProcess(role).serve(settings, System.out);
        return 0;
    }
}
