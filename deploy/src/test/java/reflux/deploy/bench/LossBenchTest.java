// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** At the demo's width, over few rows: that memory and time are measured, not what they are. */
class LossBenchTest {
    private static final Path MODEL = Path.of("demo-models/student").toAbsolutePath();

    @Test
    @EnabledOnOs(OS.LINUX)
    void memoryAndTime_areMeasured() throws Exception {
        List<Measurement> found = new LossBench(400, List.of(20_000)).run(new BenchSettings(MODEL, 1, 0));

        assertThat(found).extracting(Measurement::what).containsExactly("loss memory V 20000", "loss time V 20000");
        assertThat(found.get(0).limitMedian()).isGreaterThan(20);
        assertThat(found.get(0).ratio()).isPositive();
        assertThat(found.get(1).ratio()).isPositive();
    }
}
