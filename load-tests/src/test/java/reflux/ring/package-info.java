// SPDX-License-Identifier: Apache-2.0
/** The three services together, over loopback, with models of a few thousand parameters. */
@NullMarked
package reflux.ring;

import org.jspecify.annotations.NullMarked;
