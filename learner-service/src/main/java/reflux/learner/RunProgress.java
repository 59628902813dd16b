// SPDX-License-Identifier: Apache-2.0
package reflux.learner;

import java.util.List;
import java.util.Map;
import reflux.learner.checkpoint.RunTotals;
import reflux.learner.ledger.Sample;
import reflux.learner.step.StepResult;
import reflux.v1.StepDone;

/** The numbers of a run while it goes on. Confined to the learner's context. */
final class RunProgress {
    private final long maxSteps;
    private final long maxNanos;
    private final long started;
    private final double secondsBefore;
    private final long firstStep;
    private RunTotals totals;
    private long stepEnded;
    private Map<String, Double> lastTerms = Map.of();

    /** @param maxSeconds 0 = no limit */
    RunProgress(RunTotals earlier, long firstStep, long maxSteps, int maxSeconds) {
        this.totals = earlier;
        this.firstStep = firstStep;
        this.maxSteps = maxSteps;
        this.maxNanos = maxSeconds * 1_000_000_000L;
        this.secondsBefore = earlier.seconds();
        this.started = System.nanoTime();
        this.stepEnded = started;
    }

    /** Counts a step that began from {@code version}, and says what it did. */
    StepDone.Builder add(List<Sample> batch, StepResult result, long version) {
        long now = System.nanoTime();
        double stepSeconds = (now - stepEnded) / 1e9;
        stepEnded = now;
        StepSources sources = new StepSources(batch, version);
        totals = new RunTotals(
                totals.rollouts() + batch.size(),
                totals.tokens() + result.trainedTokens(),
                totals.pairs() + result.pairs(),
                totals.stalenessSum() + sources.staleness().sum(),
                Math.max(totals.stalenessMax(), sources.staleness().max()),
                totals.truncated() + sources.truncated(),
                secondsBefore + (now - started) / 1e9,
                Double.isNaN(totals.firstKl()) ? result.klPerToken() : totals.firstKl(),
                result.klPerToken(),
                totals.originsAnd(sources.counts()));
        lastTerms = result.terms().values();
        return StepDone.newBuilder()
                .setStep(version + 1)
                .setLoss(result.loss())
                .putAllTerms(lastTerms)
                .setKlPerToken(result.klPerToken())
                .setTrainedTokens(totals.tokens())
                .setTokensPerSecond(result.trainedTokens() / stepSeconds)
                .setStalenessMean(sources.staleness().mean())
                .setStalenessMax(sources.staleness().max())
                .putAllSources(sources.metrics())
                .setAlignRatio(result.alignRatio())
                .setGradNorm(result.gradientNorm())
                .setLearningRate(result.learningRate())
                .setSecondsLeft(secondsLeft(version + 1, now))
                .setTruncatedRatio((double) sources.truncated() / batch.size());
    }

    /** The time of the step under way does not count that. */
    void paused(double seconds) {
        stepEnded += (long) (seconds * 1e9);
    }

    RunTotals totals() {
        return totals;
    }

    /** Of the newest step. */
    Map<String, Double> lastTerms() {
        return lastTerms;
    }

    private double secondsLeft(long steps, long now) {
        double perStep = (now - started) / 1e9 / Math.max(1, steps - firstStep);
        double bySteps = Math.max(0, maxSteps - steps) * perStep;
        return maxNanos == 0 ? bySteps : Math.min(bySteps, Math.max(0, (maxNanos - (now - started)) / 1e9));
    }
}
