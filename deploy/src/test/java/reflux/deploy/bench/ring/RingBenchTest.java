// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.bench.ring;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reflux.deploy.bench.Alternation;
import reflux.deploy.bench.BenchSettings;
import reflux.deploy.bench.Measurement;

/** Each row on the demo's models, as small as it can be; what it takes is not looked at. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class RingBenchTest {
    private static final Path STUDENT = Path.of("demo-models/student");
    private static final BenchSettings SETTINGS = new BenchSettings(STUDENT, Path.of("demo-models/teacher"), 2, 0);

    private static void assertMeasured(Measurement found, int rounds) {
        assertThat(found.thing()).hasSize(rounds).allMatch(each -> each > 0);
        assertThat(found.limit()).isNotEmpty().allMatch(each -> each > 0);
    }

    @Test
    void readyFrames_comeToTheLearner() throws Exception {
        try (Wire wire = new Wire(STUDENT)) {
            assertMeasured(WireBench.measure(wire, 3, 0), Alternation.LEAST_ROUNDS);
        }
    }

    @Test
    void weights_goToBothGeneratorsAlsoWhileOneDecodes() throws Exception {
        try (Publishing publishing = new Publishing(STUDENT)) {
            assertMeasured(PublishBench.rate(publishing, 0), Alternation.LEAST_ROUNDS);
            assertThat(PublishBench.pause(publishing).limit()).hasSize(Alternation.LEAST_ROUNDS);
        }
    }

    @Test
    void loop_isMeasuredBesideItsParts() throws Exception {
        assertMeasured(LoopBench.measure(SETTINGS, 2), 2);
    }

    @Test
    void processes_tellTheirMemory() throws Exception {
        List<Measurement> found = MemoryBench.measure(SETTINGS, 1);

        assertThat(found).extracting(Measurement::what).contains("memory: learner", "memory: teacher");
        found.forEach(each -> assertMeasured(each, 1));
    }
}
