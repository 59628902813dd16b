// SPDX-License-Identifier: Apache-2.0
/** The learner's door: prompts in, outcomes and events of the run out. */
@NullMarked
package reflux.learner.feed;

import org.jspecify.annotations.NullMarked;
