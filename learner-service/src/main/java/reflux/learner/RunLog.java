// SPDX-License-Identifier: Apache-2.0
package reflux.learner;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reflux.learner.feed.EventLog;
import reflux.learner.ledger.Admitted;
import reflux.learner.ledger.LedgerCounts;
import reflux.rpc.PeerAddress;
import reflux.rpc.ReplicaState;
import reflux.rpc.RpcException;
import reflux.v1.CheckpointWritten;
import reflux.v1.Evaluated;
import reflux.v1.Published;
import reflux.v1.ReplicaChange;
import reflux.v1.RunEvent;
import reflux.v1.RunFinished;
import reflux.v1.RunStarted;
import reflux.v1.StepDone;

/**
 * Says what a run does: to those who watch, to the log, to the meters, and to {@code metrics.jsonl} and {@code summary.json}.
 * Confined to the learner's context; files are written on workers, in order.
 */
final class RunLog {
    private static final Logger log = LoggerFactory.getLogger(RunLog.class);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Vertx vertx;
    private final Path directory;
    private final EventLog events;
    private final LearnerMeters meters;

    RunLog(Vertx vertx, Path directory, EventLog events, LearnerMeters meters) {
        this.vertx = vertx;
        this.directory = directory;
        this.events = events;
        this.meters = meters;
    }

    void started(LearnerConfig config, long firstStep) {
        log.info("run started step={} of={} output={}", firstStep, config.maxSteps(), directory);
        events.tell(RunEvent.newBuilder()
                .setStarted(RunStarted.newBuilder()
                        .setRun(directory.getFileName().toString())
                        .setTotalSteps(config.maxSteps())
                        .setBatchSize(config.rolloutsPerStep())
                        .setMaxStaleness(config.maxStaleness())
                        .setFirstStep(firstStep)));
    }

    void step(StepDone.Builder step, LedgerCounts counts) {
        StepDone done = step.setRolloutsIssued(counts.issued() - counts.refused())
                .setRolloutsTrained(counts.trained())
                .build();
        log.info(
                "step={} loss={} klPerToken={} tokensPerSecond={} stalenessMax={} alignRatio={} gradNorm={}",
                done.getStep(),
                rounded(done.getLoss()),
                rounded(done.getKlPerToken()),
                Math.round(done.getTokensPerSecond()),
                done.getStalenessMax(),
                rounded(done.getAlignRatio()),
                rounded(done.getGradNorm()));
        meters.step(done);
        events.tell(RunEvent.newBuilder().setStep(done));
        append(json(done));
    }

    void published(long version, PeerAddress generator, double seconds) {
        meters.published(seconds);
        events.tell(RunEvent.newBuilder()
                .setPublished(Published.newBuilder()
                        .setPolicyVersion(version)
                        .setGenerator(generator.toString())
                        .setSeconds(seconds)));
    }

    void replica(ReplicaState state) {
        events.tell(RunEvent.newBuilder()
                .setReplica(ReplicaChange.newBuilder()
                        .setAddress(state.address().toString())
                        .setState(state.phase().name())));
    }

    void refused(Admitted admitted, RpcException cause) {
        log.warn("rollout refused id={} cause={}", admitted.id(), cause.getMessage());
    }

    void evaluated(long step, Map<String, Double> scores, double seconds) {
        log.info("evaluated step={} seconds={} scores={}", step, rounded(seconds), scores);
        meters.evaluated(scores);
        events.tell(RunEvent.newBuilder()
                .setEvaluated(Evaluated.newBuilder()
                        .setStep(step)
                        .putAllScores(scores)
                        .setSeconds(seconds)));
        ObjectNode line = JSON.createObjectNode().put("step", step).put("eval_seconds", seconds);
        scores.forEach((name, value) -> line.put("eval_" + name, value));
        append(json(line));
    }

    void checkpoint(long step, Path written) {
        log.info("checkpoint written step={} directory={}", step, written);
        events.tell(RunEvent.newBuilder()
                .setCheckpoint(CheckpointWritten.newBuilder().setStep(step).setDirectory(written.toString())));
    }

    /** Writes the summary, then tells the end. */
    Future<RunSummary> finished(RunSummary summary) {
        String json = json(summary);
        return vertx.executeBlocking(() -> {
                    Path staged = directory.resolve("summary.json.tmp");
                    Files.writeString(staged, json + "\n");
                    Files.move(
                            staged,
                            directory.resolve("summary.json"),
                            StandardCopyOption.ATOMIC_MOVE,
                            StandardCopyOption.REPLACE_EXISTING);
                    return summary;
                })
                .onSuccess(written -> {
                    log.info(
                            "run ended completed={} steps={} reason={}",
                            summary.completed(),
                            summary.steps(),
                            summary.reason());
                    ended(summary.completed(), summary.reason(), json);
                });
    }

    /** The run cannot go on. */
    void failed(String reason) {
        log.error("run failed reason={}", reason);
        ended(false, reason, "");
    }

    private void ended(boolean isCompleted, String reason, String json) {
        events.tell(RunEvent.newBuilder()
                .setFinished(RunFinished.newBuilder()
                        .setCompleted(isCompleted)
                        .setReason(reason)
                        .setSummaryJson(json)));
    }

    private void append(String line) {
        vertx.executeBlocking(() -> Files.writeString(
                        directory.resolve("metrics.jsonl"),
                        line + "\n",
                        StandardOpenOption.CREATE,
                        StandardOpenOption.APPEND))
                .onFailure(cause -> log.warn("metrics line not written cause={}", cause.getMessage()));
    }

    private static String json(StepDone step) {
        ObjectNode node = JSON.createObjectNode()
                .put("step", step.getStep())
                .put("loss", step.getLoss())
                .put("kl_per_token", step.getKlPerToken())
                .put("trained_tokens", step.getTrainedTokens())
                .put("tokens_per_second", step.getTokensPerSecond())
                .put("staleness_mean", step.getStalenessMean())
                .put("staleness_max", step.getStalenessMax())
                .put("align_ratio", step.getAlignRatio())
                .put("grad_norm", step.getGradNorm())
                .put("learning_rate", step.getLearningRate())
                .put("truncated_ratio", step.getTruncatedRatio())
                .put("rollouts_issued", step.getRolloutsIssued())
                .put("rollouts_trained", step.getRolloutsTrained());
        step.getTermsMap().forEach(node::put);
        step.getSourcesMap().forEach(node::put);
        return json(node);
    }

    private static String json(Object value) {
        try {
            return JSON.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(new IOException("a report cannot be written as JSON", e));
        }
    }

    private static double rounded(double value) {
        return Double.isFinite(value) ? Math.round(value * 1e4) / 1e4 : value;
    }
}
