// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.bench.ring;

import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import reflux.deploy.RefluxMain;
import reflux.deploy.serve.ServiceProcess;

/** A service in a process of its own, {@code reflux serve ...} with this program's Java, classes and flags, and its peak of memory. */
final class Served implements AutoCloseable {
    private static final String PEAK = "VmHWM:";
    private static final long GRACE_SECONDS = 10;
    private static final long KIB = 1024;

    private final String role;
    private final Path log;
    private final Process process;
    private long peakBytes;

    private Served(String role, Path log, Process process) {
        this.role = role;
        this.log = log;
        this.process = process;
    }

    /** Its output goes to a log beside the settings. */
    static Served start(String role, Path yaml) throws IOException {
        Path log = yaml.resolveSibling(role + ".log");
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(flag -> !flag.startsWith("-javaagent"))
                .forEach(command::add);
        command.addAll(List.of(
                "-D" + ServiceProcess.END_WITH_PARENT + "=true",
                "-cp",
                System.getProperty("java.class.path"),
                RefluxMain.class.getName(),
                "serve",
                role,
                "--config",
                yaml.toString()));
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                .redirectOutput(log.toFile());
        return new Served(role, log, builder.start());
    }

    /** The most memory that it ever had resident, as last looked at. */
    long peakBytes() {
        return peakBytes;
    }

    /** Whether it goes on; looks at its memory. IllegalStateException if it has failed. */
    boolean look() throws IOException {
        if (process.isAlive()) {
            peakBytes = Math.max(peakBytes, peak());
            return true;
        }
        if (process.exitValue() != 0) {
            throw new IllegalStateException(role + " ended with " + process.exitValue() + ": see " + log);
        }
        return false;
    }

    private long peak() throws IOException {
        try {
            return Files.readAllLines(Path.of("/proc", String.valueOf(process.pid()), "status")).stream()
                    .filter(line -> line.startsWith(PEAK))
                    .mapToLong(line -> KIB * Long.parseLong(line.replaceAll("\\D", "")))
                    .findFirst()
                    .orElse(0);
        } catch (NoSuchFileException ended) {
            return 0;
        }
    }

    /** Asks it to end, waits a while, then kills. */
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
