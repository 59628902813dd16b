// SPDX-License-Identifier: Apache-2.0
/** Measures how the tokens of two tokenizers pair up on a text, by either method of alignment. */
@NullMarked
package reflux.deploy.align;

import org.jspecify.annotations.NullMarked;
