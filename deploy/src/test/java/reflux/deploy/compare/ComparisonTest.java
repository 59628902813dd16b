// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.compare;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ComparisonTest {
    private static final Path HOME = Path.of("").toAbsolutePath();

    @TempDir
    Path folder;

    @Test
    void twoMethods_areTrainedOnceAndReportedWhicheverIsChosenLater() throws Exception {
        String first = run("dskd-v2-on-policy", "dskd-v2-same");
        String second = run("dskd-v2-same");

        assertThat(first.lines()).hasSize(4).allMatch(line -> line.contains("PER"));
        assertThat(second).isEmpty();
        assertThat(folder.resolve("results/compare.md"))
                .content()
                .contains("| dskd-v2-on-policy | own | 3e-3 |", "| dskd-v2-same | teacher's | 3e-3 |");
        assertThat(folder.resolve("results/compare.csv")).content().hasLineCount(5);
        assertThat(ImageIO.read(folder.resolve("results/compare.png").toFile())).isNotNull();
    }

    private String run(String... only) throws Exception {
        ComparisonSettings how = new ComparisonSettings(
                HOME,
                HOME.resolve("compare-methods"),
                folder.resolve("work"),
                folder.resolve("results"),
                List.of(only),
                List.of(1L),
                0,
                List.of(3e-3),
                150,
                0,
                1,
                500,
                12,
                1,
                List.of("learner.batch_size=8"));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new Comparison(how, new PrintStream(out, true, StandardCharsets.UTF_8)).run();
        assertThat(Files.list(folder.resolve("work/results"))).hasSize(4);
        return out.toString(StandardCharsets.UTF_8);
    }
}
