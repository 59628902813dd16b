// SPDX-License-Identifier: Apache-2.0
package reflux.learner.rollout;

import java.util.Optional;
import reflux.learner.ledger.Admitted;
import reflux.v1.Fingerprints;
import reflux.v1.SampleIn;
import reflux.v1.SampleRequest;
import reflux.v1.Sampling;

/**
 * How every rollout of a run is sampled and scored.
 *
 * @param teacherMix share of the teacher in the distribution that tokens are drawn from
 * @param seed of the run; each rollout's own seed follows from it and the rollout's id
 * @param score empty where nothing is scored
 */
public record SamplingPlan(
        double temperature,
        int topK,
        double topP,
        double teacherMix,
        int maxNewTokens,
        long seed,
        Optional<ScorePlan> score) {

    /** The same sampling from a model that is nobody's student: not mixed, not scored. */
    public SamplingPlan plain() {
        return new SamplingPlan(temperature, topK, topP, 0, maxNewTokens, seed, Optional.empty());
    }

    /** @param given what the response is to be; empty = sampled */
    SampleIn request(Admitted admitted, Optional<GivenResponse> given) {
        Sampling sampling = Sampling.newBuilder()
                .setTemperature((float) temperature)
                .setTopK(topK)
                .setTopP((float) topP)
                .setTeacherMix(given.isPresent() ? 0 : (float) teacherMix)
                .setMaxNewTokens(maxNewTokens)
                .setSeed(admitted.samplingSeed(seed))
                .build();
        SampleRequest.Builder request = SampleRequest.newBuilder()
                .setId(admitted.id())
                .setPrompt(WirePrompts.toWire(admitted.prompt()))
                .setSampling(sampling)
                .setN(1);
        given.ifPresent(response -> request.setGivenResponse(response.bytes()).setGivenIsCut(response.isCut()));
        score.ifPresent(asked -> request.addPayloads(asked.payload())
                .setExpectTeacher(Fingerprints.newBuilder().setLmHead(asked.headFingerprint())));
        return SampleIn.newBuilder().setSample(request).build();
    }
}
