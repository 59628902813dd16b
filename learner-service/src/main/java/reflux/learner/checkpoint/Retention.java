// SPDX-License-Identifier: Apache-2.0
package reflux.learner.checkpoint;

import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import reflux.learner.eval.EvalMetric;

/**
 * Which checkpoints stay: the newest, and beside them those that were evaluated best. Scores are read from the checkpoints, so
 * that a resumed run goes on with those before.
 *
 * @param newest 0 = all
 * @param best by {@code metric}; of equals the older is better
 */
public record Retention(int newest, int best, EvalMetric metric) {

    public static Retention newest(int count) {
        return new Retention(count, 0, EvalMetric.LOSS);
    }

    /** Those that go. */
    List<Path> surplus(List<Path> newestFirst) {
        if (newest == 0) {
            return List.of();
        }
        List<Path> kept = Stream.concat(
                        newestFirst.stream().limit(newest),
                        ranked(newestFirst).stream().limit(best).map(BestCheckpoint::directory))
                .toList();
        return newestFirst.stream()
                .filter(directory -> !kept.contains(directory))
                .toList();
    }

    /** The best of all, if checkpoints are kept for that and one was evaluated. */
    Optional<BestCheckpoint> bestOf(List<Path> newestFirst) {
        return best == 0 ? Optional.empty() : ranked(newestFirst).stream().findFirst();
    }

    private List<BestCheckpoint> ranked(List<Path> directories) {
        return directories.stream()
                .flatMap(directory -> BestCheckpoint.read(directory, metric).stream())
                .sorted(Comparator.comparingLong(BestCheckpoint::step))
                .sorted((one, other) -> metric.isBetter(one.value(), other.value())
                        ? -1
                        : metric.isBetter(other.value(), one.value()) ? 1 : 0)
                .toList();
    }
}
