// SPDX-License-Identifier: Apache-2.0
/** New weights from the learner to every generator. */
@NullMarked
package reflux.learner.publish;

import org.jspecify.annotations.NullMarked;
