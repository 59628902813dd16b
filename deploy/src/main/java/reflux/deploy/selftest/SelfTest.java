// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.selftest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import reflux.model.hf.ModelDirectory;

/**
 * Checks a model on this machine, with itself as its teacher. Blocks; needs room for a second copy of the model and for its
 * gradients in the system's directory of temporary files.
 *
 * @param data lines of prompts and responses; null = random words
 */
public record SelfTest(
        Path model, List<String> objectives, @Nullable Path data, int threads) {
    public SelfTest {
        objectives = List.copyOf(objectives);
    }

    /** All checks; each is told as soon as it is known. Throws IllegalArgumentException if an objective is none. */
    public List<Check> run(Consumer<Check> told) throws IOException {
        objectives.forEach(ObjectiveChecks::named);
        Path scratch = Files.createTempDirectory("reflux-selftest");
        try {
            ModelDirectory directory = ModelDirectory.open(model);
            Path lines = data == null ? SelfTestData.write(scratch.resolve("data.jsonl"), directory) : data;
            List<Check> checks = new ArrayList<>(new ReplicaChecks(model, lines, threads).run());
            checks.forEach(told);
            Path near = NoisyModel.write(scratch.resolve("near"), directory, threads);
            ObjectiveChecks each = new ObjectiveChecks(model, near, lines, scratch, threads);
            for (String objective : objectives) {
                List<Check> found = each.run(objective);
                found.forEach(told);
                checks.addAll(found);
            }
            return checks;
        } finally {
            delete(scratch);
        }
    }

    private static void delete(Path tree) throws IOException {
        try (Stream<Path> paths = Files.walk(tree)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
