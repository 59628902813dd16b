// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.verb;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** On the demo's student: that each row can be measured, not how fast it is. */
class BenchVerbTest {
    private static final String MODEL =
            Path.of("demo-models/student").toAbsolutePath().toString();

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir
    Path folder;

    @Test
    void rows_areMeasuredAndWritten() throws Exception {
        Path json = folder.resolve("bench.json");

        int code = run(
                "bench",
                "decode",
                "decode-batch",
                "score",
                "train",
                "train-sft",
                "--model",
                MODEL,
                "--seconds",
                "0",
                "--threads",
                "1",
                "--json",
                json.toString());

        assertThat(code).as(err.toString() + out).isZero();
        assertThat(out.toString()).contains("tokens/s", "command  reflux bench decode decode-batch");
        JsonNode rows = new ObjectMapper().readTree(json.toFile()).path("measurements");
        assertThat(rows.findValuesAsText("what"))
                .startsWith("decode f32", "decode bf16", "decode-batch bf16", "score bf16", "score f32", "train f32")
                .contains("train-sft f32")
                .hasSizeBetween(7, 9); // bf16_training of both where the CPU multiplies bf16
        for (JsonNode row : rows) {
            assertThat(row.path("ratio").asDouble()).isPositive();
            assertThat(row.path("rounds")).hasSizeGreaterThanOrEqualTo(5);
        }
    }

    @Test
    void unknownRow_isWrongUse() {
        int code = run("bench", "decoed", "--model", MODEL);

        assertThat(code).isEqualTo(2);
        assertThat(err.toString()).contains("decoed is none of decode");
    }

    private int run(String... arguments) {
        CommandLine line = RefluxCommand.create().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        return line.execute(arguments);
    }
}
