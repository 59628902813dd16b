// SPDX-License-Identifier: Apache-2.0
/** Evaluation of a model against references and a teacher, of a directory or between the steps of a run. No gRPC. */
@NullMarked
package reflux.learner.eval;

import org.jspecify.annotations.NullMarked;
