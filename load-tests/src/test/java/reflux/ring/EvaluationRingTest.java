// SPDX-License-Identifier: Apache-2.0
package reflux.ring;

import static org.assertj.core.api.Assertions.assertThat;
import static reflux.ring.Ring.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import reflux.learner.RunSummary;

/** A run that evaluates itself every three steps and keeps the best. */
@Timeout(240)
class EvaluationRingTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path folder;

    @Test
    void evaluatedRun_keepsItsPaceAndTheBestCheckpoint() throws Exception {
        try (Ring ring = new Ring(folder)) {
            RunSummary summary = await(ring.learner("run", """
                            {"max_steps": 7, "eval_steps": 3, "eval_max_items": 5, "metric_for_best_model": "loss",
                             "keep_best_n_checkpoints": 1, "save_total_limit": 1, "eval_data": "%s"}
                            """.formatted(folder.resolve("prompts.jsonl")))
                    .completion());

            assertThat(summary.completed()).isTrue();
            assertThat(summary.rolloutsTrained()).isEqualTo(7 * 8);
            assertThat(summary.lost()).isZero();
            assertThat(summary.stalenessMax()).isLessThanOrEqualTo(2);
            List<JsonNode> lines = lines(ring.output("run").resolve("metrics.jsonl"));
            List<JsonNode> evaluations =
                    lines.stream().filter(line -> line.has("eval_seconds")).toList();
            assertThat(lines).hasSize(7 + evaluations.size());
            assertThat(evaluations.stream().map(line -> line.get("step").asInt()))
                    .containsExactly(0, 3, 6, 7);
            JsonNode best = evaluations.stream()
                    .skip(1)
                    .min((one, other) -> Double.compare(loss(one), loss(other)))
                    .orElseThrow();
            assertThat(summary.best()).isNotNull();
            assertThat(summary.best().step()).isEqualTo(best.get("step").asLong());
            assertThat(summary.best().value()).isEqualTo(loss(best));
            assertThat(Path.of(summary.best().directory()).resolve("model.safetensors"))
                    .exists();
            assertThat(summary.evaluation()).containsEntry("loss", loss(evaluations.get(3)));
        }
    }

    private static double loss(JsonNode line) {
        return line.get("eval_loss").asDouble();
    }

    private static List<JsonNode> lines(Path file) throws Exception {
        List<JsonNode> lines = new ArrayList<>();
        for (String line : Files.readAllLines(file)) {
            lines.add(JSON.readTree(line));
        }
        return lines;
    }
}
