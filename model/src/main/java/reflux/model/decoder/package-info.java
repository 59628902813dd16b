// SPDX-License-Identifier: Apache-2.0
/** Decoder families on TorchScript: weights, forward passes, KV cache; nothing here knows files' formats or text. */
@NullMarked
package reflux.model.decoder;

import org.jspecify.annotations.NullMarked;
