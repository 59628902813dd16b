// SPDX-License-Identifier: Apache-2.0
/** The teacher: takes a prompt and a response, gives the teacher's view of each token; knows no student and no learner. */
@NullMarked
package reflux.teacher;

import org.jspecify.annotations.NullMarked;
