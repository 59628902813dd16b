// SPDX-License-Identifier: Apache-2.0
package reflux.learner;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import reflux.learner.checkpoint.BestCheckpoint;

/**
 * The totals of a run, its earlier parts included; written as {@code summary.json}.
 *
 * @param completed whether every rollout that was admitted is trained and nothing more was to come
 * @param reason why it ended
 * @param steps done, which is the policy version too
 * @param trainedTokens sampled response tokens that entered a gradient
 * @param rolloutsIssued admitted and not refused
 * @param rolloutsRefused given up because no generator could ever sample or score them; another was admitted for each
 * @param rolloutsByOrigin trained, by where they come from: on_policy, fed, dataset, teacher, replay
 * @param lost issued and neither trained nor open, by the ledger; 0 unless there is a bug
 * @param duplicated trained more than once, by the ledger; 0 unless there is a bug
 * @param lateResults results that came a second time and were ignored
 * @param open admitted and not trained: 0 if completed, else what a resumed run begins with
 * @param alignRatio share of the trained tokens that pair exactly with a teacher's token
 * @param truncatedRatio share of the rollouts that ended at the longest length
 * @param klPerTokenFirst KL(teacher‖student) per aligned token of the first step, in nats
 * @param klPerTokenLast of the last step
 * @param lossTerms of the last step, by name
 * @param studentDir Hugging Face directory of the trained student; empty if not completed
 * @param evaluation of the newest evaluation inside the run, by the metrics' names; empty if there was none
 * @param best checkpoint that is kept for being evaluated best; null if none is kept for that
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record RunSummary(
        boolean completed,
        String reason,
        long steps,
        long trainedTokens,
        double tokensPerSecond,
        double seconds,
        double stalenessMean,
        int stalenessMax,
        long rolloutsIssued,
        long rolloutsTrained,
        long rolloutsRefused,
        Map<String, Long> rolloutsByOrigin,
        long lost,
        long duplicated,
        long lateResults,
        long open,
        double alignRatio,
        double truncatedRatio,
        long policyVersion,
        double klPerTokenFirst,
        double klPerTokenLast,
        Map<String, Double> lossTerms,
        String studentDir,
        String studentBaseDir,
        Map<String, Double> evaluation,
        @Nullable Best best) {
    public RunSummary {
        lossTerms = Map.copyOf(lossTerms);
        evaluation = Map.copyOf(evaluation);
        rolloutsByOrigin = Collections.unmodifiableMap(new TreeMap<>(rolloutsByOrigin));
    }

    /** A checkpoint with the metric by which it is the best. */
    public record Best(String metric, double value, long step, String directory) {
        static Best of(BestCheckpoint best) {
            return new Best(
                    best.metric(), best.value(), best.step(), best.directory().toString());
        }
    }
}
