// SPDX-License-Identifier: Apache-2.0
package reflux.learner.rollout;

import reflux.learner.ledger.Admitted;
import reflux.v1.DataType;
import reflux.v1.Fingerprints;
import reflux.v1.Payload;
import reflux.v1.PayloadKind;
import reflux.v1.SampleIn;
import reflux.v1.SampleRequest;
import reflux.v1.Sampling;

/**
 * How every rollout of a run is sampled and scored.
 *
 * @param seed of the run; each rollout's own seed follows from it and the rollout's id
 * @param scoreType type in which hidden states travel
 * @param teacherWidth D of the teacher
 * @param headFingerprint of the LM head that the scores must belong to
 */
public record SamplingPlan(
        double temperature,
        int topK,
        double topP,
        int maxNewTokens,
        long seed,
        DataType scoreType,
        int teacherWidth,
        String headFingerprint) {

    SampleIn request(Admitted admitted) {
        Sampling sampling = Sampling.newBuilder()
                .setTemperature((float) temperature)
                .setTopK(topK)
                .setTopP((float) topP)
                .setMaxNewTokens(maxNewTokens)
                .setSeed(admitted.samplingSeed(seed))
                .build();
        SampleRequest request = SampleRequest.newBuilder()
                .setId(admitted.id())
                .setPrompt(WirePrompts.toWire(admitted.prompt()))
                .setSampling(sampling)
                .setN(1)
                .addPayloads(Payload.newBuilder()
                        .setKind(PayloadKind.PAYLOAD_KIND_HIDDEN_STATES)
                        .setType(scoreType))
                .setExpectTeacher(Fingerprints.newBuilder().setLmHead(headFingerprint))
                .build();
        return SampleIn.newBuilder().setSample(request).build();
    }
}
