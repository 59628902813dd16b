// SPDX-License-Identifier: Apache-2.0

/** New weights on their way in: what they must be, where they are kept until they are whole, and how they are read then; no streams. */
@NullMarked
package reflux.generator.publish;

import org.jspecify.annotations.NullMarked;
