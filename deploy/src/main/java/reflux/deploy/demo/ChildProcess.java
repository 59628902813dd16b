// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.demo;

import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import reflux.deploy.RefluxMain;
import reflux.deploy.serve.ServiceProcess;

/** One service of the demo: a process of its own, its output in a log file. */
final class ChildProcess implements AutoCloseable {
    private static final long GRACE_SECONDS = 10;
    private static final String HEAP = "-Xmx512m";
    /** Four processes of three minutes gain nothing from the second compiler, and it takes their time. */
    private static final String QUICK_START = "-XX:TieredStopAtLevel=1";

    private final String name;
    private final Path log;
    private final Process process;

    private ChildProcess(String name, Path log, Process process) {
        this.name = name;
        this.log = log;
        this.process = process;
    }

    /** Starts this program again with other arguments, on the same Java, classes and flags but with a heap of its own. */
    static ChildProcess start(DemoSettings settings, String name, List<String> arguments) throws IOException {
        Path log = settings.output().resolve(name + ".log");
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(flag -> !flag.startsWith("-Xmx") && !flag.startsWith("-javaagent"))
                .forEach(command::add);
        command.addAll(List.of(
                HEAP,
                QUICK_START,
                "-D" + ServiceProcess.END_WITH_PARENT + "=true",
                "-cp",
                System.getProperty("java.class.path")));
        command.add(RefluxMain.class.getName());
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                .redirectOutput(log.toFile());
        builder.environment().putIfAbsent("REFLUX_LOG_LEVEL", "INFO");
        return new ChildProcess(name, log, builder.start());
    }

    String name() {
        return name;
    }

    Path log() {
        return log;
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    int exitValue() {
        return process.exitValue();
    }

    /** Asks it to drain and end. */
    void terminate() {
        process.destroy();
    }

    /** Terminates, waits a while, then kills. */
    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(GRACE_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
