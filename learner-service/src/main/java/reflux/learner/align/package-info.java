// SPDX-License-Identifier: Apache-2.0
/**
 * Pairs the tokens of two tokenizers that cover the same bytes of one response, and the ids of two vocabularies that
 * spell the same bytes; pure Java, no tensors and no wire.
 */
@NullMarked
package reflux.learner.align;

import org.jspecify.annotations.NullMarked;
