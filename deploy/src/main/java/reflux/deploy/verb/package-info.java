// SPDX-License-Identifier: Apache-2.0
/** One class a verb: reads its options, calls a service or a library, prints what came out. */
@NullMarked
package reflux.deploy.verb;

import org.jspecify.annotations.NullMarked;
