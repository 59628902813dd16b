// SPDX-License-Identifier: Apache-2.0
package reflux.generator;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import reflux.generator.sampling.SamplingRule;
import reflux.model.hf.GenerationConfig;
import reflux.model.text.Message;
import reflux.model.text.PromptText;
import reflux.model.text.TokenIds;
import reflux.v1.Limits;
import reflux.v1.Payload;
import reflux.v1.PayloadKind;
import reflux.v1.Prompt;
import reflux.v1.SampleRequest;
import reflux.v1.Sampling;
import reflux.wire.CapacityException;
import reflux.wire.Prompts;

/** Checks requests to sample, and says them in the words of this service. All methods throw IllegalArgumentException. */
final class SampleRequestReader {
    private final Limits limits;
    private final GenerationConfig generation;

    SampleRequestReader(Limits limits, GenerationConfig generation) {
        this.limits = limits;
        this.generation = generation;
    }

    /** The prompt, not yet tokenized. */
    PromptText prompt(SampleRequest request) {
        Prompt prompt = checked(request.getPrompt());
        return switch (prompt.getKindCase()) {
            case TEXT -> new PromptText.Text(prompt.getText());
            case MESSAGES ->
                new PromptText.Messages(prompt.getMessages().getMessagesList().stream()
                        .map(message -> new Message(message.getRole(), message.getContent()))
                        .toList());
            case IDS ->
                new PromptText.Ids(TokenIds.of(prompt.getIds().getIdsList().stream()
                        .mapToInt(Integer::intValue)
                        .toArray()));
            case KIND_NOT_SET -> throw new IllegalArgumentException("prompt must be text, messages or ids, was none");
        };
    }

    /** A prompt that is too long stays so: that is no want of capacity, which would be worth another try. */
    private Prompt checked(Prompt prompt) {
        try {
            return Prompts.check(prompt, limits);
        } catch (CapacityException tooLong) {
            throw new IllegalArgumentException(tooLong.getMessage(), tooLong);
        }
    }

    /** The rule; a request without sampling takes the model's own from generation_config.json. */
    SamplingRule rule(SampleRequest request) {
        int most = limits.getMaxResponseTokens();
        if (!request.hasSampling()) {
            int own = generation.maxNewTokens() == 0 ? most : Math.min(most, generation.maxNewTokens());
            return new SamplingRule(generation.temperature(), generation.topK(), generation.topP(), own, List.of());
        }
        Sampling sampling = request.getSampling();
        int asked = sampling.getMaxNewTokens();
        if (asked < 1 || asked > most) {
            throw new IllegalArgumentException(
                    "max_new_tokens must be 1 to " + most + ", was " + Integer.toUnsignedString(asked));
        }
        float topP = sampling.getTopP() == 0 ? 1 : sampling.getTopP();
        return new SamplingRule(sampling.getTemperature(), sampling.getTopK(), topP, asked, sampling.getStopList())
                .withTeacherMix(sampling.getTeacherMix());
    }

    /** Checks what the teacher is to be asked for. */
    void checkPayloads(SampleRequest request) {
        Set<PayloadKind> kinds = new HashSet<>();
        for (Payload payload : request.getPayloadsList()) {
            boolean isKnown = payload.getKind() != PayloadKind.PAYLOAD_KIND_UNSPECIFIED
                    && payload.getKind() != PayloadKind.UNRECOGNIZED;
            if (!isKnown || !kinds.add(payload.getKind())) {
                throw new IllegalArgumentException("payloads must be of different known kinds, were "
                        + request.getPayloadsList().stream()
                                .map(Payload::getKind)
                                .toList());
            }
        }
    }
}
