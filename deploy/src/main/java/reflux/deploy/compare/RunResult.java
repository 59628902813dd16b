// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.compare;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import org.jspecify.annotations.Nullable;

/**
 * What a finished run came to.
 *
 * @param student name of the directory that it began with
 * @param digest of its settings
 * @param per phoneme error rate
 * @param wer share of the words not exactly right
 * @param klPerToken forward KL from the teacher on the right answers, per paired token, in nats
 * @param seconds of the training
 * @param alignRatio share of the trained tokens that paired; null where there was nothing to pair
 * @param byteCoverage share of the trained responses' bytes that pairs cover; null where there was nothing to pair
 * @param jobs runs that ran side by side
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
@JsonInclude(JsonInclude.Include.NON_NULL)
record RunResult(
        String method,
        String part,
        String student,
        double learningRate,
        long seed,
        String digest,
        long steps,
        long rollouts,
        long trainedTokens,
        int words,
        double per,
        double wer,
        double klPerToken,
        double seconds,
        double stalenessMean,
        @Nullable Double alignRatio,
        @Nullable Double byteCoverage,
        int jobs) {}
