// SPDX-License-Identifier: Apache-2.0
/** From log-probabilities of sampled tokens to the slopes of a policy gradient: host maths on one response, no batches. */
@NullMarked
package reflux.learner.policy;

import org.jspecify.annotations.NullMarked;
