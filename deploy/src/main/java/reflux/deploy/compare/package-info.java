// SPDX-License-Identifier: Apache-2.0
/** The comparison of training methods on the demo's task: what is run, with which settings, and the tables and plot that come of it. */
@NullMarked
package reflux.deploy.compare;

import org.jspecify.annotations.NullMarked;
