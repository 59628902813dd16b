// SPDX-License-Identifier: Apache-2.0
/** The reference numbers that the learner's maths is tested against; nothing that is tested lives here. */
@NullMarked
package reflux.learner.vectors;

import org.jspecify.annotations.NullMarked;
