// SPDX-License-Identifier: Apache-2.0
package reflux.learner.eval;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What an evaluation found.
 *
 * @param per edits per unit of the references, where units stand between white space
 * @param wer share of responses with an edit
 * @param rougeL mean F-measure, from 0 to 1
 * @param exactMatch share of responses that are a reference but for case, ASCII punctuation and spaces
 * @param loss −log q per token of the first references, in nats
 * @param klPerToken mean KL(teacher‖model) over exactly paired tokens, in nats; null without a teacher
 * @param klReversePerToken mean KL(model‖teacher) over the same; null without a teacher
 * @param alignRatio share of the model's tokens that are paired; null without a teacher
 * @param samples the first responses, beside the references
 * @param items what was found of each item, in the file's order
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record EvalReport(
        String model,
        String data,
        int count,
        double per,
        double wer,
        double rougeL,
        double exactMatch,
        double loss,
        @Nullable Double klPerToken,
        @Nullable Double klReversePerToken,
        @Nullable Double alignRatio,
        double seconds,
        List<Sample> samples,
        List<Item> items) {

    public EvalReport {
        samples = List.copyOf(samples);
        items = List.copyOf(items);
    }

    /** Empty where it needs a teacher and there was none. */
    public Optional<Double> value(EvalMetric metric) {
        return switch (metric) {
            case PER -> Optional.of(per);
            case WER -> Optional.of(wer);
            case ROUGE_L -> Optional.of(rougeL);
            case EXACT_MATCH -> Optional.of(exactMatch);
            case LOSS -> Optional.of(loss);
            case KL_FORWARD -> Optional.ofNullable(klPerToken);
            case KL_REVERSE -> Optional.ofNullable(klReversePerToken);
        };
    }

    /**
     * What was found of one item.
     *
     * @param promptIds the prompt as the model reads it
     * @param responseIds the greedy response, the end token that closed it among them
     * @param loss −log q per token of the first reference, in nats
     * @param klPerToken mean over the pairs; null without any
     * @param klReversePerToken mean over the pairs; null without any
     * @param pairs tokens of the first reference that are paired
     */
    @SuppressWarnings("ArrayRecordComponent") // written, never compared
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Item(
            int[] promptIds,
            int[] responseIds,
            String response,
            double loss,
            @Nullable Double klPerToken,
            @Nullable Double klReversePerToken,
            int pairs) {}

    public record Sample(String prompt, String response, List<String> references) {
        public Sample {
            references = List.copyOf(references);
        }
    }
}
