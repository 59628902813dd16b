// SPDX-License-Identifier: Apache-2.0
/**
 * Values and codecs of the wire contract: tensors in frames, ids, prompts, item statuses and fingerprints, without any
 * networking.
 */
@NullMarked
package reflux.wire;

import org.jspecify.annotations.NullMarked;
