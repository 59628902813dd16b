// SPDX-License-Identifier: Apache-2.0
package reflux.generator.sampling;

import reflux.model.text.TokenIds;

/**
 * One response to sample.
 *
 * @param prompt at least one token, and room for one more
 * @param sample which of the prompt's samples this is, from 0; samples of one seed differ
 */
public record RolloutRequest(TokenIds prompt, SamplingRule rule, long seed, int sample) {
    double uniform(int token) {
        return CounterRandom.uniform(CounterRandom.sampleSeed(seed, sample), token);
    }
}
