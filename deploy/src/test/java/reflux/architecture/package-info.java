// SPDX-License-Identifier: Apache-2.0
/** Who may import whom, over all modules. */
@NullMarked
package reflux.architecture;

import org.jspecify.annotations.NullMarked;
