// SPDX-License-Identifier: Apache-2.0
/** What this machine allows and what Reflux makes of it, measured side by side in one process. */
@NullMarked
package reflux.deploy.bench;

import org.jspecify.annotations.NullMarked;
