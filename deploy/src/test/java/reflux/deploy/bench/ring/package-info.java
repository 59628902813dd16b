// SPDX-License-Identifier: Apache-2.0
/** The ring's rows measure something; how much, no test says. */
@NullMarked
package reflux.deploy.bench.ring;

import org.jspecify.annotations.NullMarked;
