// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.bench.ring;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** A folder for what a measurement writes; a measurement that fails leaves it, for its logs. */
final class Scratch {
    private Scratch() {}

    static Path create() throws IOException {
        return Files.createTempDirectory("reflux-bench");
    }

    static void delete(Path folder) throws IOException {
        List<Path> deepestFirst;
        try (Stream<Path> all = Files.walk(folder)) {
            deepestFirst = all.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path each : deepestFirst) {
            Files.delete(each);
        }
    }
}
