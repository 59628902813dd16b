// SPDX-License-Identifier: Apache-2.0
/** Supervised fine-tuning: cross-entropy on given responses, from a model directory or from seeded random weights. */
@NullMarked
package reflux.learner.sft;

import org.jspecify.annotations.NullMarked;
