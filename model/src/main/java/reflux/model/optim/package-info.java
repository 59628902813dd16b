// SPDX-License-Identifier: Apache-2.0
/** AdamW, gradient clipping and learning-rate schedules over decoder parameters. */
@NullMarked
package reflux.model.optim;

import org.jspecify.annotations.NullMarked;
