// SPDX-License-Identifier: Apache-2.0
/** One optimiser step on the engine thread: from scored rollouts to new weights. No sockets. */
@NullMarked
package reflux.learner.step;

import org.jspecify.annotations.NullMarked;
