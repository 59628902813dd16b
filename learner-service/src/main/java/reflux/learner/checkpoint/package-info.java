// SPDX-License-Identifier: Apache-2.0
/** A run on disk: written whole or not at all, and read back. */
@NullMarked
package reflux.learner.checkpoint;

import org.jspecify.annotations.NullMarked;
