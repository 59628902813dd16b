// SPDX-License-Identifier: Apache-2.0
package reflux.generator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;
import reflux.generator.sampling.SamplingRule;
import reflux.model.hf.GenerationConfig;
import reflux.v1.Limits;
import reflux.v1.SampleRequest;
import reflux.v1.Sampling;

/** Whose sampling settings count: the request's, all of them, or else the model's. */
class SampleRequestReaderTest {
    private static final GenerationConfig QWEN = new GenerationConfig(0.7, 20, 0.8, 0, List.of(5, 3));

    private static SamplingRule rule(GenerationConfig generation, SampleRequest request) {
        Limits limits = Limits.newBuilder().setMaxResponseTokens(64).build();
        return new SampleRequestReader(limits, generation).rule(request);
    }

    @Test
    void requestWithoutSampling_takesTheModels() {
        SamplingRule rule = rule(QWEN, SampleRequest.getDefaultInstance());

        assertThat(rule).isEqualTo(new SamplingRule(0.7, 20, 0.8, 64, List.of()));
    }

    @Test
    void modelsLength_isBoundedByTheServices() {
        SampleRequest none = SampleRequest.getDefaultInstance();

        assertThat(rule(new GenerationConfig(1, 0, 1, 16, List.of()), none).maxNewTokens())
                .isEqualTo(16);
        assertThat(rule(new GenerationConfig(1, 0, 1, 500, List.of()), none).maxNewTokens())
                .isEqualTo(64);
    }

    /** As a learner asks: what its file says, and nothing of the model's. */
    @Test
    void requestWithSampling_takesNothingFromTheModel() {
        Sampling sampling =
                Sampling.newBuilder().setTemperature(1).setMaxNewTokens(8).build();

        SamplingRule rule =
                rule(QWEN, SampleRequest.newBuilder().setSampling(sampling).build());

        assertThat(rule).isEqualTo(new SamplingRule(1, 0, 1, 8, List.of()));
    }

    @Test
    void lengthBeyondTheServices_isRefused() {
        SampleRequest long65 = SampleRequest.newBuilder()
                .setSampling(Sampling.newBuilder().setMaxNewTokens(65))
                .build();

        assertThatIllegalArgumentException()
                .isThrownBy(() -> rule(QWEN, long65))
                .withMessage("max_new_tokens must be 1 to 64, was 65");
    }
}
