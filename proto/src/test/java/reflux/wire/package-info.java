// SPDX-License-Identifier: Apache-2.0
/** Tests of the wire's values and codecs. */
@NullMarked
package reflux.wire;

import org.jspecify.annotations.NullMarked;
