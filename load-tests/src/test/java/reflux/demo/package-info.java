// SPDX-License-Identifier: Apache-2.0
/** The demo as a user runs it: real processes, real models. */
@NullMarked
package reflux.demo;

import org.jspecify.annotations.NullMarked;
