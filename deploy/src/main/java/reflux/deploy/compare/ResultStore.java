// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.compare;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;

/** Finished runs, one JSON file each; a file is whole or absent. Thread-safe for different runs. */
final class ResultStore {
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private final Path directory;

    ResultStore(Path directory) {
        this.directory = directory;
    }

    /** The result of a run of this name, whatever its settings were. */
    Optional<RunResult> find(String run) {
        Path file = file(run);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            return Optional.of(JSON.readValue(file.toFile(), RunResult.class));
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be read; delete it, and the run is done again", e);
        }
    }

    void put(String run, RunResult result) throws IOException {
        Files.createDirectories(directory);
        Path staged = directory.resolve(run + ".json.tmp");
        JSON.writeValue(staged.toFile(), result);
        Files.move(staged, file(run), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private Path file(String run) {
        return directory.resolve(run + ".json");
    }
}
