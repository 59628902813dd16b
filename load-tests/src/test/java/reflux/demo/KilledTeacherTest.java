// SPDX-License-Identifier: Apache-2.0
package reflux.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import reflux.deploy.RefluxMain;

/** A short demo, one of whose two teachers is killed in mid-run. */
@Timeout(value = 240, unit = TimeUnit.SECONDS)
class KilledTeacherTest {
    private static final int STEPS = 40;
    private static final Pattern PID = Pattern.compile("\\s+(\\S+) pid (\\d+)");

    @TempDir
    private Path directory;

    @Test
    void teacherKilledInMidRun_losesNoRolloutAndLeavesNoProcess() throws IOException, InterruptedException {
        Process demo = start();
        List<String> output = new ArrayList<>();
        List<ProcessHandle> children = new ArrayList<>();
        try (BufferedReader lines = demo.inputReader()) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                output.add(line);
                Matcher pid = PID.matcher(line);
                if (pid.matches()) {
                    ProcessHandle.of(Long.parseLong(pid.group(2))).ifPresent(children::add);
                }
                if (line.startsWith("step ")) {
                    children.get(0).destroyForcibly();
                }
            }
            assertThat(demo.waitFor(30, TimeUnit.SECONDS)).isTrue();
        } finally {
            children.forEach(ProcessHandle::destroyForcibly);
            demo.destroyForcibly();
        }

        assertThat(demo.exitValue()).as(String.join("\n", output)).isZero();
        JsonNode report = new ObjectMapper().readTree(Files.readString(directory.resolve("report.json")));
        assertThat(children).hasSize(4).noneMatch(ProcessHandle::isAlive);
        assertThat(report.get("steps").asInt()).isEqualTo(STEPS);
        assertThat(report.get("lost").asInt()).isZero();
        assertThat(report.get("duplicated").asInt()).isZero();
        assertThat(report.get("rollouts_trained")).isEqualTo(report.get("rollouts_issued"));
        assertThat(report.get("staleness_max").asInt()).isLessThanOrEqualTo(2);
        assertThat(report.get("student_after").get("per").asDouble()).isBetween(0.0, 2.0);
    }

    private Process start() throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx1g",
                "-Dai.djl.offline=true",
                "-DOPT_OUT_TRACKING=true",
                "-Dreflux.home=" + Path.of("../deploy").toAbsolutePath().normalize(),
                "-cp",
                System.getProperty("java.class.path"),
                RefluxMain.class.getName(),
                "demo"));
        command.addAll(List.of("--out", directory.toString(), "--max-steps", "" + STEPS, "--eval-words", "40"));
        command.addAll(List.of("--set", "learner.batch_size=32", "--max-seconds", "120"));
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }
}
