// SPDX-License-Identifier: Apache-2.0
package reflux.learner;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.vertx.core.Future;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reflux.learner.checkpoint.BestCheckpoint;
import reflux.learner.checkpoint.RunState;
import reflux.learner.checkpoint.RunTotals;
import reflux.learner.ledger.LedgerCounts;
import reflux.rpc.FailureStatus;
import reflux.wire.NotReadyException;

/**
 * What leaves a run: weights and checkpoints on its way, and at its end the student and the summary. Confined to the learner's
 * context.
 */
final class RunOutput {
    private static final Logger log = LoggerFactory.getLogger(RunOutput.class);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final LoopParts parts;
    private final LoopParts.Peers peers;
    private final RunEvaluations evaluations;

    RunOutput(LoopParts parts, LoopParts.Peers peers) {
        this.parts = parts;
        this.peers = peers;
        this.evaluations = new RunEvaluations(parts);
    }

    /** Before the first step: publishes the weights that the run begins with, and evaluates those of a new run. */
    Future<Void> begin(long version) {
        Future<Void> published = publish(version);
        boolean isNew = version == 0 && evaluations.isDue(version);
        Future<Void> evaluated = isNew ? evaluations.evaluate(version, Optional.empty()) : Future.succeededFuture();
        return Future.all(evaluated, published).mapEmpty();
    }

    /** After a step: publishes its weights if that is due, and evaluates and writes a checkpoint if these are. */
    Future<Void> stepped(long version) {
        LearnerConfig config = parts.config();
        boolean isLast = parts.ledger().isClosed() && parts.ledger().isEmpty();
        boolean isPublishing = version % config.publishEvery() == 0 || isLast;
        Future<Void> published = isPublishing ? publish(version) : Future.succeededFuture();
        boolean isSaving = config.saveSteps() > 0 && version % config.saveSteps() == 0 && !isLast;
        if (evaluations.isDue(version)) {
            boolean isSaved = isSaving || evaluations.keepsBest();
            evaluations.evaluate(version, isSaved ? Optional.of(state(version)) : Optional.empty());
        } else if (isSaving) {
            checkpoint(version);
        }
        return published;
    }

    private Future<Void> publish(long version) {
        peers.publisher().makeRoom();
        return parts.student().snapshot(version).compose(peers.publisher()::publish);
    }

    /** Writes a checkpoint of this moment. If that fails the run goes on, and those before stay. */
    Future<Void> checkpoint(long version) {
        return parts.student()
                .checkpoint(parts.checkpoints(), state(version), evaluations.scores(version))
                .onSuccess(written -> parts.log().checkpoint(version, written))
                .onFailure(cause -> log.error("checkpoint not written step={}", version, cause))
                .mapEmpty();
    }

    private RunState state(long version) {
        return new RunState(
                version,
                parts.sources().cursor(),
                parts.ledger().state(),
                parts.progress().totals(),
                parts.teacherHead(),
                parts.sources().schedule(),
                peers.feed().outcomes(),
                JSON.valueToTree(parts.config()));
    }

    /** Writes what is to be left, and the summary. */
    Future<RunSummary> end(long version, boolean isCompleted, String reason) {
        peers.feed().refuseOpen(FailureStatus.item(new NotReadyException("the run has ended: " + reason)));
        Path directory = Path.of(parts.config().outputDir()).resolve("student");
        Future<String> student =
                isCompleted ? parts.student().save(directory).map(Path::toString) : Future.succeededFuture("");
        return evaluations
                .finish(version, isCompleted)
                .compose(evaluated -> checkpoint(version).otherwiseEmpty())
                .compose(written -> student)
                .compose(saved -> parts.student().best(parts.checkpoints()).compose(best -> parts.log()
                        .finished(summary(version, isCompleted, reason, saved, best))));
    }

    private RunSummary summary(
            long version, boolean isCompleted, String reason, String studentDir, Optional<BestCheckpoint> best) {
        RunTotals totals = parts.progress().totals();
        LedgerCounts counts = parts.ledger().counts();
        long issued = counts.issued() - counts.refused();
        return new RunSummary(
                isCompleted,
                reason,
                version,
                totals.tokens(),
                totals.seconds() == 0 ? 0 : totals.tokens() / totals.seconds(),
                totals.seconds(),
                totals.stalenessMean(),
                totals.stalenessMax(),
                issued,
                counts.trained(),
                counts.refused(),
                totals.origins(),
                counts.lost(),
                counts.duplicated(),
                counts.lateResults(),
                issued - counts.trained() - counts.lost(),
                totals.alignRatio(),
                totals.rollouts() == 0 ? 0 : (double) totals.truncated() / totals.rollouts(),
                version,
                totals.firstKl(),
                totals.lastKl(),
                parts.progress().lastTerms(),
                studentDir,
                parts.config().student(),
                evaluations.scores(),
                best.map(RunSummary.Best::of).orElse(null));
    }
}
