// SPDX-License-Identifier: Apache-2.0
/** Greedy evaluation of a model directory: error rates against references, divergence from a teacher. No gRPC. */
@NullMarked
package reflux.learner.eval;

import org.jspecify.annotations.NullMarked;
