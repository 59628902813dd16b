// SPDX-License-Identifier: Apache-2.0
package reflux.learner.eval;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an evaluation found.
 *
 * @param klPerToken mean forward KL from the teacher over exactly paired tokens, in nats; null without a teacher
 * @param alignRatio share of the model's tokens that are paired; null without a teacher
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record EvalReport(
        String model,
        String data,
        int count,
        double per,
        double wer,
        @Nullable Double klPerToken,
        @Nullable Double alignRatio,
        double seconds,
        List<Sample> samples) {

    public EvalReport {
        samples = List.copyOf(samples);
    }

    public record Sample(String prompt, String response, List<String> references) {
        public Sample {
            references = List.copyOf(references);
        }
    }
}
