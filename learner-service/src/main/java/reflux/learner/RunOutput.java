// SPDX-License-Identifier: Apache-2.0
package reflux.learner;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.vertx.core.Future;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
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

    RunOutput(LoopParts parts, LoopParts.Peers peers) {
        this.parts = parts;
        this.peers = peers;
    }

    /** After a step: publishes its weights if that is due, and writes a checkpoint if that is. */
    Future<Void> stepped(long version) {
        LearnerConfig config = parts.config();
        boolean isLast = parts.ledger().isClosed() && parts.ledger().isEmpty();
        boolean isPublishing = version % config.publishEvery() == 0 || isLast;
        Future<Void> published = isPublishing
                ? parts.student().snapshot(version).compose(peers.publisher()::publish)
                : Future.succeededFuture();
        if (config.saveSteps() > 0 && version % config.saveSteps() == 0 && !isLast) {
            checkpoint(version);
        }
        return published;
    }

    /** Writes a checkpoint of this moment. If that fails the run goes on, and those before stay. */
    Future<Void> checkpoint(long version) {
        RunState state = new RunState(
                version,
                parts.sources().cursor(),
                parts.ledger().state(),
                parts.progress().totals(),
                parts.teacherHead(),
                parts.sources().schedule(),
                peers.feed().outcomes(),
                JSON.valueToTree(parts.config()));
        return parts.student()
                .checkpoint(parts.checkpoints(), state)
                .onSuccess(written -> parts.log().checkpoint(version, written))
                .onFailure(cause -> log.error("checkpoint not written step={}", version, cause))
                .mapEmpty();
    }

    /** Writes what is to be left, and the summary. */
    Future<RunSummary> end(long version, boolean isCompleted, String reason) {
        peers.feed().refuseOpen(FailureStatus.item(new NotReadyException("the run has ended: " + reason)));
        Path directory = Path.of(parts.config().outputDir()).resolve("student");
        Future<String> student =
                isCompleted ? parts.student().save(directory).map(Path::toString) : Future.succeededFuture("");
        return checkpoint(version).otherwiseEmpty().compose(done -> student).compose(saved -> parts.log()
                .finished(summary(version, isCompleted, reason, saved)));
    }

    private RunSummary summary(long version, boolean isCompleted, String reason, String studentDir) {
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
                parts.config().student());
    }
}
