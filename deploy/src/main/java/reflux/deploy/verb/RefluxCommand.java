// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.verb;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import reflux.deploy.config.ConfigException;

/** All verbs. Exit codes: 0 done, 1 failed, 2 wrong use, 78 wrong configuration. */
@Command(
        name = "reflux",
        version = "reflux 0.1.0",
        mixinStandardHelpOptions = true,
        scope = CommandLine.ScopeType.INHERIT,
        synopsisSubcommandLabel = "VERB",
        description = {
            "Distils a student from a teacher on the student's own samples, as they stream.",
            "",
            "Start with: deploy/demo"
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {" 0:done", " 1:failed", " 2:wrong use", "78:wrong configuration"},
        subcommands = {
            DemoVerb.class,
            ServeVerb.class,
            SftVerb.class,
            EvalVerb.class,
            CompareVerb.class,
            AlignVerb.class,
            LossVerb.class,
            SelftestVerb.class,
            BenchVerb.class,
            SampleVerb.class,
            ScoreVerb.class,
            FeedVerb.class,
            ModelVerb.class,
            LogitsVerb.class,
            ExportVerb.class,
            TokenizerVerb.class,
            DemoDataVerb.class,
            DoctorVerb.class,
            CommandLine.HelpCommand.class
        })
public final class RefluxCommand implements Runnable {
    private static final int FAILED = 1;
    private static final int CONFIG = 78;

    @Spec
    private @Nullable CommandSpec spec;

    private RefluxCommand() {}

    public static CommandLine create() {
        return new CommandLine(new RefluxCommand())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setUsageHelpAutoWidth(true)
                .setExecutionExceptionHandler(failure());
    }

    private static IExecutionExceptionHandler failure() {
        return (exception, line, parsed) -> {
            line.getErr().println(line.getColorScheme().errorText("reflux: " + message(exception)));
            if (Boolean.getBoolean("reflux.stacktrace")) {
                exception.printStackTrace(line.getErr());
            }
            return exception instanceof ConfigException ? CONFIG : FAILED;
        };
    }

    static String message(Throwable failure) {
        String message = failure.getMessage();
        return message == null || message.isBlank() ? failure.getClass().getSimpleName() : message;
    }

    @Override
    public void run() {
        throw new ParameterException(requireNonNull(spec).commandLine(), "a verb is missing");
    }
}
