// SPDX-License-Identifier: Apache-2.0
package reflux.generator.sampling;

import java.util.Set;
import reflux.model.engine.DataType;

/**
 * What the batch is like.
 *
 * @param type compute type of the decoder
 * @param slots sequences that are decoded together
 * @param maxLength positions of each slot: prompt and response
 * @param prefillTokens most tokens, padding counted, of one pass over new prompts
 * @param endIds ids that end a response, besides those that the vocabulary says do
 */
public record SamplerSettings(DataType type, int slots, int maxLength, int prefillTokens, Set<Integer> endIds) {
    public SamplerSettings {
        endIds = Set.copyOf(endIds);
    }
}
