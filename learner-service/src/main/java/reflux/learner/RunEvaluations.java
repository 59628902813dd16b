// SPDX-License-Identifier: Apache-2.0
package reflux.learner;

import io.vertx.core.Future;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reflux.learner.checkpoint.RunState;

/**
 * When a run is evaluated, and what of it is passed on. An evaluation takes the learner's engine between two steps; the weights
 * are on their way to the generators before it, and rollouts go on. Confined to the learner's context.
 */
final class RunEvaluations {
    private static final Logger log = LoggerFactory.getLogger(RunEvaluations.class);

    private final LoopParts parts;
    private Future<Void> newest = Future.succeededFuture();
    private long newestVersion = -1;
    private Map<String, Double> scores = Map.of();

    RunEvaluations(LoopParts parts) {
        this.parts = parts;
    }

    /** Whether the weights of {@code version} are to be evaluated; those that a new run begins with too. */
    boolean isDue(long version) {
        int steps = parts.config().evaluation().evalSteps();
        return steps > 0 && version % steps == 0;
    }

    /** Whether an evaluation writes a checkpoint, so that the best can be kept. */
    boolean keepsBest() {
        return parts.config().evaluation().keepBestNCheckpoints() > 0;
    }

    /** Evaluates the weights of {@code version} as they are now, and writes {@code checkpoint} with them if there is one. */
    Future<Void> evaluate(long version, Optional<RunState> checkpoint) {
        newest = checkpoint
                .map(state -> parts.student().evaluate(parts.checkpoints(), state))
                .orElseGet(() -> parts.student().evaluate())
                .onSuccess(found -> take(version, found))
                .onFailure(cause -> log.error("evaluation failed step={}", version, cause))
                .mapEmpty();
        return newest;
    }

    /** At the end of a run: evaluates {@code version} if that was not done, and waits for what is under way. */
    Future<Void> finish(long version, boolean isCompleted) {
        boolean isLeft = isCompleted && parts.config().evaluation().evalSteps() > 0;
        return newest.otherwiseEmpty()
                .compose(done -> isLeft && newestVersion != version
                        ? evaluate(version, Optional.empty()).otherwiseEmpty()
                        : Future.succeededFuture());
    }

    private void take(long version, StudentThread.Evaluated found) {
        newestVersion = version;
        scores = found.scores().named();
        parts.progress().paused(found.seconds());
        parts.sources().evaluated(found.scores().loss());
        parts.log().evaluated(version, scores, found.seconds());
        found.checkpoint().ifPresent(written -> parts.log().checkpoint(version, written));
    }

    /** What the weights of {@code version} were evaluated at; empty if they were not. */
    Map<String, Double> scores(long version) {
        return version == newestVersion ? scores : Map.of();
    }

    /** Of the newest evaluation; empty before the first. */
    Map<String, Double> scores() {
        return scores;
    }
}
