// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MeasurementTest {
    private static final Measurement DECODE = new Measurement(
            "decode f32",
            "tokens/s",
            List.of(30.0, 10.0, 60.0, 40.0),
            List.of(90.0, 50.0, 70.0),
            Goal.atLeast(0.65),
            Map.of("shape", "B 1"));

    @TempDir
    Path folder;

    @Test
    void ratio_isMedianByMedian() {
        assertThat(DECODE.thingMedian()).isEqualTo(35);
        assertThat(DECODE.limitMedian()).isEqualTo(70);
        assertThat(DECODE.ratio()).isCloseTo(0.5, within(1e-12));
    }

    @Test
    void goal_isALowerOrAnUpperBound() {
        assertThat(DECODE.isReached()).isFalse();
        assertThat(Goal.atLeast(0.5).isReachedBy(DECODE.ratio())).isTrue();
        assertThat(Goal.atMost(0.5).isReachedBy(0.5)).isTrue();
        assertThat(Goal.atMost(0.5).isReachedBy(0.51)).isFalse();
    }

    @Test
    void nothingMeasured_isRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Measurement("row", "s", List.of(), List.of(1.0), Goal.atMost(1), Map.of()))
                .withMessage("row was not measured");
    }

    @Test
    void alternation_throwsTheFirstRoundAwayAndMakesFive() throws Exception {
        int[] calls = new int[2];

        Alternation rounds = Alternation.run(0, () -> ++calls[0], () -> -(++calls[1]));

        assertThat(rounds.thing()).containsExactly(2.0, 3.0, 4.0, 5.0, 6.0);
        assertThat(rounds.limit()).containsExactly(-2.0, -3.0, -4.0, -5.0, -6.0);
    }

    @Test
    void report_tellsCommandMachineRatioAndMiss() throws Exception {
        BenchReport report = new BenchReport("reflux bench decode", Map.of("cpu", "some cpu"), List.of(DECODE));

        assertThat(report.text())
                .contains(
                        "command  reflux bench decode",
                        "cpu      some cpu",
                        "0.500",
                        ">= 0.65",
                        "4, MISSED",
                        "shape: B 1");
        report.write(folder.resolve("bench.json"));
        JsonNode row = new ObjectMapper()
                .readTree(folder.resolve("bench.json").toFile())
                .path("measurements")
                .path(0);
        assertThat(row.path("ratio").asDouble()).isCloseTo(0.5, within(1e-12));
        assertThat(row.path("reached").asBoolean()).isFalse();
        assertThat(row.path("rounds")).hasSize(4);
    }

    @Test
    void machine_isDescribed() {
        assertThat(Machine.describe()).containsKeys("cpu", "cores", "flags", "memory", "java", "torch", "djl");
    }

    @Test
    void machine_tellsEveryVersion() {
        assertThat(Machine.describe())
                .containsKeys("cpu", "cores", "memory", "java", "torch", "djl")
                .doesNotContainValue("null");
    }
}
