// SPDX-License-Identifier: Apache-2.0
/** The maps between the teacher's and the student's hidden states: made from both LM heads, one of them then trained. */
@NullMarked
package reflux.learner.projector;

import org.jspecify.annotations.NullMarked;
