// SPDX-License-Identifier: Apache-2.0
/** Rollouts over the wire: asked for, put together from messages, and the LM head that scores belong to. No native memory. */
@NullMarked
package reflux.learner.rollout;

import org.jspecify.annotations.NullMarked;
