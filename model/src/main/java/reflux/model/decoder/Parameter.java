// SPDX-License-Identifier: Apache-2.0
package reflux.model.decoder;

import reflux.model.engine.Tensor;

/**
 * One trainable weight.
 *
 * @param name as in Hugging Face's files
 * @param value changed in place by optimisers
 * @param gradient the same tensor for the life of the decoder: backward adds to it, callers may add to it, optimisers zero it
 */
public record Parameter(String name, Tensor value, Tensor gradient) {}
