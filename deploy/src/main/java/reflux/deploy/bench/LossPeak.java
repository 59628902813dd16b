// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.bench;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import reflux.learner.loss.DualSpaceLoss;
import reflux.model.engine.EngineSettings;
import reflux.model.engine.EngineThread;
import reflux.model.engine.MatmulPrecision;

/** How far the resident memory of a process rises over one loss. A program of its own: what was freed before would be used again. */
public final class LossPeak {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final Path RESET = Path.of("/proc/self/clear_refs");
    private static final String RESET_PEAK = "5";
    private static final int WARM_UP_ROWS = 2;
    private static final double KIB = 1024;
    /** Large blocks go back to the system when they are freed: what is used again would not count. */
    private static final Map<String, String> GIVEN_BACK =
            Map.of("MALLOC_MMAP_THRESHOLD_", "131072", "MALLOC_TRIM_THRESHOLD_", "131072", "MALLOC_TOP_PAD_", "0");

    private LossPeak() {}

    /** Runs the program with this process's Java, flags and class path; MiB. Linux only. */
    static double measure(int threads, int rows, int vocabulary, int width, boolean isChunked) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), LossPeak.class.getName()));
        for (Object argument : List.of(threads, rows, vocabulary, width, isChunked)) {
            command.add(argument.toString());
        }
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment().putAll(GIVEN_BACK);
        Process process = builder.start();
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        if (process.waitFor() != 0) {
            throw new IOException("the process that measures the loss's memory ended with " + process.exitValue());
        }
        return Double.parseDouble(printed.substring(printed.lastIndexOf('\n') + 1));
    }

    /** Arguments: threads, rows, vocabulary, width, whether in chunks. Prints MiB. */
    public static void main(String[] arguments) {
        int rows = Integer.parseInt(arguments[1]);
        EngineSettings settings =
                EngineSettings.cpu("loss", Integer.parseInt(arguments[0])).withMatmulPrecision(MatmulPrecision.MEDIUM);
        try (EngineThread thread = EngineThread.start(settings)) {
            double grown = thread.call(engine -> {
                try (LossWork work = new LossWork(
                                engine, rows, Integer.parseInt(arguments[2]), Integer.parseInt(arguments[3]));
                        DualSpaceLoss loss = work.loss(Boolean.parseBoolean(arguments[4]))) {
                    work.run(loss, Math.min(WARM_UP_ROWS, rows));
                    Files.writeString(RESET, RESET_PEAK);
                    double before = kibibytes("VmRSS:");
                    work.run(loss, rows);
                    return (kibibytes("VmHWM:") - before) / KIB;
                }
            });
            System.out.println(grown);
        }
    }

    private static double kibibytes(String key) throws IOException {
        return Files.readAllLines(STATUS).stream()
                .filter(line -> line.startsWith(key))
                .map(line -> line.substring(key.length()).replace("kB", "").strip())
                .mapToDouble(Double::parseDouble)
                .findFirst()
                .orElseThrow(() -> new IOException(STATUS + " has no " + key));
    }
}
