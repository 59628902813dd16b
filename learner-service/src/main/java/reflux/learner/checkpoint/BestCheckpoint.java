// SPDX-License-Identifier: Apache-2.0
package reflux.learner.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import reflux.learner.eval.EvalMetric;

/**
 * A checkpoint with what it was evaluated at.
 *
 * @param value of the metric by which checkpoints are compared
 */
public record BestCheckpoint(Path directory, long step, String metric, double value) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String FILE = "reflux_state/evaluation.json";

    /** Empty if the checkpoint was not evaluated by that metric. */
    static Optional<BestCheckpoint> read(Path directory, EvalMetric metric) {
        Path file = directory.resolve(FILE);
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        try {
            JsonNode root = JSON.readTree(file.toFile());
            JsonNode value = root.path("scores").path(metric.key());
            return value.isNumber()
                    ? Optional.of(
                            new BestCheckpoint(directory, root.path("step").asLong(), metric.key(), value.asDouble()))
                    : Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be read: " + e.getMessage(), e);
        }
    }

    /** Writes the finite scores; nothing if there are none. */
    static void write(Path directory, long step, Map<String, Double> scores) throws IOException {
        if (scores.isEmpty()) {
            return;
        }
        ObjectNode root = JSON.createObjectNode().put("step", step);
        ObjectNode values = root.putObject("scores");
        scores.forEach((name, value) -> {
            if (Double.isFinite(value)) {
                values.put(name, value);
            }
        });
        JSON.writeValue(directory.resolve(FILE).toFile(), root);
    }
}
