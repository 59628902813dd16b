// SPDX-License-Identifier: Apache-2.0
/** What can be trained: each objective by its name, what it needs of a score, and the loss that it becomes on the engine. */
@NullMarked
package reflux.learner.objective;

import org.jspecify.annotations.NullMarked;
