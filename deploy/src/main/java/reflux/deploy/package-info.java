// SPDX-License-Identifier: Apache-2.0
/** The launcher: one program with a verb for each thing that Reflux does. No service logic lives here. */
@NullMarked
package reflux.deploy;

import org.jspecify.annotations.NullMarked;
