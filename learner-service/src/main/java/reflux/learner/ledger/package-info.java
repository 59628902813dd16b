// SPDX-License-Identifier: Apache-2.0
/** What was admitted, accepted and trained, and how much more may be admitted. Pure: no sockets, no native memory. */
@NullMarked
package reflux.learner.ledger;

import org.jspecify.annotations.NullMarked;
