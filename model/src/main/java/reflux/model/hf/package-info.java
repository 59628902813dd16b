// SPDX-License-Identifier: Apache-2.0
/** Hugging Face model directories in and out: configuration, weights and tokenizer files; no maths. */
@NullMarked
package reflux.model.hf;

import org.jspecify.annotations.NullMarked;
