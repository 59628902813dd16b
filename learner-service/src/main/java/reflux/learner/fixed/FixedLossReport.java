// SPDX-License-Identifier: Apache-2.0
package reflux.learner.fixed;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.List;
import java.util.Map;
import reflux.learner.loss.Term;
import reflux.learner.objective.ObjectiveSettings;

/**
 * A loss, and all that is needed to compute it elsewhere.
 *
 * @param loss whose gradient was taken
 * @param gradientNorm L2 norm over all gradients
 * @param terms means of the loss's terms and of the diagnostics
 * @param sums numerator and denominator of those that are means over tokens
 * @param gradients tensors in the gradients' file, with the L2 norm of each: the student's under their Hugging Face names, then the
 *     objective's own
 * @param responses in the order of the data
 * @param settings all keys of the objective
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record FixedLossReport(
        String objective,
        double loss,
        double gradientNorm,
        Map<String, Double> terms,
        Map<String, Term> sums,
        Map<String, Double> gradients,
        List<Tokens> responses,
        ObjectiveSettings settings) {
    public FixedLossReport {
        responses = List.copyOf(responses);
    }

    /**
     * The tokens of one response on both sides, their ends among them; what predicts the first is the state of the last token of
     * the prompt.
     *
     * @param teacherPrompt empty where no teacher was asked, as is {@code teacherResponse}
     */
    @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
    public record Tokens(
            List<Integer> studentPrompt,
            List<Integer> studentResponse,
            List<Integer> teacherPrompt,
            List<Integer> teacherResponse) {}
}
