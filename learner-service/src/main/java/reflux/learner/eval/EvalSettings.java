// SPDX-License-Identifier: Apache-2.0
package reflux.learner.eval;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;

/**
 * Evaluation inside a run, and what each step tells of itself.
 *
 * @param evalData JSON lines with prompts and references; empty = none
 * @param evalSteps steps from one evaluation to the next; 0 = never
 * @param evalMaxItems lines that are used; 0 = all
 * @param evalTeacher directory of a teacher for KL; empty = no KL
 * @param metricForBestModel kl_forward, kl_reverse, per, wer, rouge_l, exact_match or loss
 * @param keepBestNCheckpoints best checkpoints that are kept besides the newest
 * @param diagnosticRows about how many rows of a step the diagnostics look at, drawn evenly; 0 = all
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record EvalSettings(
        String evalData,
        int evalSteps,
        int evalMaxItems,
        String evalTeacher,
        String metricForBestModel,
        @JsonProperty("keep_best_n_checkpoints") int keepBestNCheckpoints,
        int diagnosticRows) {
    @SuppressWarnings("NullAway") // a key that is absent arrives as null
    public EvalSettings {
        evalData = evalData == null ? "" : evalData;
        evalTeacher = evalTeacher == null ? "" : evalTeacher;
        metricForBestModel = metricForBestModel == null ? "kl_forward" : metricForBestModel;
    }

    /** Every value that a configuration may leave out. */
    public static EvalSettings defaults() {
        return new EvalSettings("", 0, 0, "", "kl_forward", 0, 256);
    }
}
