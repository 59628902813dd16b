// SPDX-License-Identifier: Apache-2.0
/** Checks of a model and of this machine that need nothing but the model: the same numbers by every way. */
@NullMarked
package reflux.deploy.selftest;

import org.jspecify.annotations.NullMarked;
