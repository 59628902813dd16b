// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.demo;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** One service of the demo: a process of its own, started by the launcher script, its output in a log file. */
final class ChildProcess implements AutoCloseable {
    private static final long GRACE_SECONDS = 10;

    private final String name;
    private final Path log;
    private final Process process;

    private ChildProcess(String name, Path log, Process process) {
        this.name = name;
        this.log = log;
        this.process = process;
    }

    static ChildProcess start(DemoSettings settings, String name, List<String> arguments) throws IOException {
        Path log = settings.output().resolve(name + ".log");
        List<String> command = new ArrayList<>();
        command.add(settings.home().resolve("reflux").toString());
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                .redirectOutput(log.toFile());
        builder.environment().putIfAbsent("REFLUX_HEAP", "512m");
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
