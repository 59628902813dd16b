// SPDX-License-Identifier: Apache-2.0
/** The learner: asks generators for rollouts, trains the student on them and publishes its weights. */
@NullMarked
package reflux.learner;

import org.jspecify.annotations.NullMarked;
