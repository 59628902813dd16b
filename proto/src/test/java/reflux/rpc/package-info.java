// SPDX-License-Identifier: Apache-2.0
/** Tests of the rpc kit, over loopback connections in one process. */
@NullMarked
package reflux.rpc;

import org.jspecify.annotations.NullMarked;
