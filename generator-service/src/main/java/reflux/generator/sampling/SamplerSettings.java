// SPDX-License-Identifier: Apache-2.0
package reflux.generator.sampling;

import reflux.model.engine.DataType;

/**
 * Sizes of the batch.
 *
 * @param type compute type of the decoder
 * @param slots sequences that are decoded together
 * @param maxLength positions of each slot: prompt and response
 * @param prefillTokens most tokens, padding counted, of one pass over new prompts
 */
public record SamplerSettings(DataType type, int slots, int maxLength, int prefillTokens) {}
