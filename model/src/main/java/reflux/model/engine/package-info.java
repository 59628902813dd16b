// SPDX-License-Identifier: Apache-2.0
/** Native arrays, their owners, TorchScript maths and the threads that may run them; the only users of DJL's engine. */
@NullMarked
package reflux.model.engine;

import org.jspecify.annotations.NullMarked;
