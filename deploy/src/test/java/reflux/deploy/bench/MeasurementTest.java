// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MeasurementTest {
    private static final ModelSize MODEL_135M = new ModelSize(134_515_008, 134_515_008, 106_203_456, 1536);
    private static final ModelSize TINY = new ModelSize(385_248, 385_248, 350_000, 256);
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
        BenchReport report = report(MODEL_135M);

        assertThat(report.text())
                .contains(
                        "command  reflux bench decode",
                        "cpu      some cpu",
                        "model    134,515,008 parameters",
                        "0.500",
                        ">= 0.65",
                        "4, MISSED",
                        "shape: B 1");
        JsonNode row = written(report).path("measurements").path(0);
        assertThat(row.path("ratio").asDouble()).isCloseTo(0.5, within(1e-12));
        assertThat(row.path("reached").asBoolean()).isFalse();
        assertThat(row.path("rounds")).hasSize(4);
    }

    @Test
    void modelOfAnotherSize_hasMissedNoGoal() throws Exception {
        BenchReport report = report(TINY);

        assertThat(report.text()).contains("4, goal is for 135M parameters").doesNotContain("MISSED");
        assertThat(written(report).path("measurements").path(0).has("reached")).isFalse();
    }

    @Test
    void failedRow_isToldBesideTheOthers() throws Exception {
        BenchReport report = new BenchReport(
                "reflux bench", Map.of(), MODEL_135M, List.of(DECODE), Map.of("score", "no such kernel"));

        assertThat(report.text())
                .contains("4, MISSED", "score                  FAILED, see below", "FAILED: no such kernel");
        JsonNode json = written(report);
        assertThat(json.path("measurements")).hasSize(1);
        assertThat(json.path("failures").path("score").asText()).isEqualTo("no such kernel");
    }

    private static BenchReport report(ModelSize model) {
        return new BenchReport("reflux bench decode", Map.of("cpu", "some cpu"), model, List.of(DECODE), Map.of());
    }

    private JsonNode written(BenchReport report) throws IOException {
        Path file = folder.resolve("bench.json");
        report.write(file);
        return new ObjectMapper().readTree(file.toFile());
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
