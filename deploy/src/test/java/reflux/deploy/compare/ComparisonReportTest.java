// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.compare;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ComparisonReportTest {
    @TempDir
    Path folder;

    @Test
    void givenRuns_areRankedWithMeanAndSampleDeviation() throws Exception {
        ComparisonReport.write(
                settings(),
                List.of(method("slow", "student", 0.5, 0.4, 0.75), method("quick", "student-same", 0.2, 0.3, null)));

        List<String> lines = Files.readAllLines(folder.resolve("compare.md"));
        assertThat(lines)
                .containsSubsequence(
                        "| quick | teacher's | 3e-3 | 25.0 ± 7.1 | 50.0 ± 14.1 | 0.250 ± 0.071 | 1000 | – | – | 9 ± 0 | 2 |",
                        "| slow | own | 3e-3 | 45.0 ± 7.1 | 90.0 ± 14.1 | 0.450 ± 0.071 | 1000 | 75.0 | 75.0 | 9 ± 0 | 2 |",
                        "| method | 1e-3 | 3e-3 |",
                        "| quick | – | 20.0 |",
                        "| slow | – | 50.0 |");
        assertThat(Files.readAllLines(folder.resolve("compare.csv")))
                .hasSize(7)
                .contains("slow,test,student,3e-3,1,5,40,1000,10,0.50000,1.00000,0.50000,0.75000,0.75000,0.000,9.0,1");
        assertThat(folder.resolve("compare.png")).isNotEmptyFile();
    }

    @Test
    void runsSideBySide_secondsAreMarked() {
        RunResult shared = new RunResult(
                "two", "TEST", "student", 3e-3, 1, "digest", 5, 40, 1000, 10, 0.5, 1, 0.5, 9, 0, null, null, 2);

        String report =
                ComparisonReport.markdown(settings(), List.of(new MethodSummary("two", List.of(shared), List.of())));

        assertThat(report).contains("| 9 ± 0* | 1 |").contains("not comparable");
    }

    private ComparisonSettings settings() {
        return new ComparisonSettings(
                folder,
                folder,
                folder,
                folder,
                List.of(),
                List.of(1L, 2L),
                0,
                List.of(1e-3, 3e-3),
                1000,
                5,
                2,
                0,
                10,
                1,
                List.of());
    }

    private static MethodSummary method(
            String name, String student, double first, double second, @Nullable Double paired) {
        return new MethodSummary(
                name,
                List.of(result(name, student, 1, first, paired), result(name, student, 2, second, paired)),
                List.of(result(name, student, 0, first, paired)));
    }

    private static RunResult result(String name, String student, long seed, double per, @Nullable Double paired) {
        return new RunResult(
                name, "TEST", student, 3e-3, seed, "digest", 5, 40, 1000, 10, per, 2 * per, per, 9, 0, paired, paired,
                1);
    }
}
