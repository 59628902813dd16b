// SPDX-License-Identifier: Apache-2.0
/** Runs one service in this process until it is told to stop or is done. */
@NullMarked
package reflux.deploy.serve;

import org.jspecify.annotations.NullMarked;
