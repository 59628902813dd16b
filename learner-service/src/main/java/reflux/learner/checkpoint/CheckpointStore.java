// SPDX-License-Identifier: Apache-2.0
package reflux.learner.checkpoint;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The checkpoints of a run: {@code checkpoint-<step>/} in Hugging Face's layout with {@code reflux_state/} beside the weights,
 * and the file {@code latest} that names the newest. A directory of that name is whole: it is written under another name,
 * forced to the disk, and renamed. Blocks: not for an event loop.
 */
public final class CheckpointStore {
    private static final Logger log = LoggerFactory.getLogger(CheckpointStore.class);
    private static final Pattern NAME = Pattern.compile("checkpoint-(\\d+)");
    private static final String STATE = "reflux_state/state.json";
    private static final String POINTER = "latest";
    private static final String UNFINISHED = ".unfinished";

    /** Writes the model and the tensors of a run into a directory that has a {@code reflux_state} directory. */
    public interface Contents {
        void write(Path directory) throws IOException;
    }

    /** Makes a directory appear under its name; tests let it fail. */
    interface Rename {
        void rename(Path from, Path to) throws IOException;
    }

    private final Path root;
    private final Retention retention;
    private final Rename rename;

    /** @param keep newest checkpoints that are kept; 0 = all */
    public CheckpointStore(Path root, int keep) {
        this(root, Retention.newest(keep));
    }

    public CheckpointStore(Path root, Retention retention) {
        this(root, retention, (from, to) -> Files.move(from, to, StandardCopyOption.ATOMIC_MOVE));
    }

    CheckpointStore(Path root, Retention retention, Rename rename) {
        this.root = root;
        this.retention = retention;
        this.rename = rename;
    }

    /** Writes a checkpoint and returns its directory. If it fails, those before are untouched. */
    public Path write(RunState state, Contents contents) {
        return write(state, Map.of(), contents);
    }

    /** The same with the scores of its weights by the metrics' names, if they were evaluated. */
    public Path write(RunState state, Map<String, Double> scores, Contents contents) {
        Path target = root.resolve("checkpoint-" + state.step());
        Path staged = root.resolve(target.getFileName() + UNFINISHED);
        try {
            Files.createDirectories(root);
            deleteTree(staged);
            Files.createDirectories(staged.resolve("reflux_state"));
            contents.write(staged);
            RunStateJson.write(staged.resolve(STATE), state);
            BestCheckpoint.write(staged, state.step(), scores);
            FileManifest.seal(staged);
            replace(staged, target);
            point(target);
            prune();
            return target;
        } catch (IOException e) {
            throw new UncheckedIOException(target + ": the checkpoint cannot be written: " + e.getMessage(), e);
        }
    }

    /** The newest checkpoint that is whole; those that are damaged are named in the log and passed over. */
    public Optional<Checkpoint> newest() {
        for (Path directory : candidates()) {
            try {
                return Optional.of(open(directory));
            } catch (UncheckedIOException | IllegalArgumentException e) {
                log.warn("checkpoint passed over directory={} cause={}", directory, e.getMessage());
            }
        }
        return Optional.empty();
    }

    /** The best of those that are there, if any is kept for being good. */
    public Optional<BestCheckpoint> best() {
        return retention.bestOf(directories());
    }

    /** A checkpoint by its directory; UncheckedIOException naming the file if it is damaged. */
    public static Checkpoint open(Path directory) {
        if (!Files.isRegularFile(directory.resolve(STATE))) {
            throw new IllegalArgumentException(directory + " is no checkpoint: it has no " + STATE);
        }
        try {
            FileManifest.check(directory);
            return new Checkpoint(directory, RunStateJson.read(directory.resolve(STATE)));
        } catch (IOException e) {
            throw new UncheckedIOException(directory + ": the checkpoint cannot be used: " + e.getMessage(), e);
        }
    }

    /** What the pointer names first, then all others, newest first. */
    private List<Path> candidates() {
        String pointed = "";
        try {
            pointed = Files.readString(root.resolve(POINTER)).strip();
        } catch (IOException e) {
            log.debug("no pointer to the newest checkpoint in {}", root);
        }
        String first = pointed;
        return directories().stream()
                .sorted(Comparator.comparing((Path directory) ->
                                !directory.getFileName().toString().equals(first))
                        .thenComparing(
                                Comparator.comparingLong(CheckpointStore::step).reversed()))
                .toList();
    }

    private List<Path> directories() {
        if (!Files.isDirectory(root)) {
            return List.of();
        }
        try (Stream<Path> children = Files.list(root)) {
            return children.filter(Files::isDirectory)
                    .filter(path -> NAME.matcher(path.getFileName().toString()).matches())
                    .sorted(Comparator.comparingLong(CheckpointStore::step).reversed())
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(root + " cannot be listed", e);
        }
    }

    private static long step(Path directory) {
        String name = directory.getFileName().toString();
        return Long.parseLong(name.substring(name.indexOf('-') + 1));
    }

    private void replace(Path staged, Path target) throws IOException {
        Path old = root.resolve(target.getFileName() + ".old" + UNFINISHED);
        deleteTree(old);
        if (Files.exists(target)) {
            rename.rename(target, old);
        }
        rename.rename(staged, target);
        FileManifest.force(root, StandardOpenOption.READ);
        deleteTree(old);
    }

    private void point(Path target) throws IOException {
        Path staged = root.resolve(POINTER + UNFINISHED);
        Files.writeString(staged, target.getFileName() + "\n");
        FileManifest.force(staged, StandardOpenOption.WRITE);
        Files.move(staged, root.resolve(POINTER), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        FileManifest.force(root, StandardOpenOption.READ);
    }

    private void prune() throws IOException {
        for (Path directory : retention.surplus(directories())) {
            deleteTree(directory);
        }
    }

    private static void deleteTree(Path tree) throws IOException {
        if (!Files.exists(tree)) {
            return;
        }
        try (Stream<Path> paths = Files.walk(tree)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
