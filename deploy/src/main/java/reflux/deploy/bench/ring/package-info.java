// SPDX-License-Identifier: Apache-2.0
/** Rows of the benchmark that concern the ring: what passes between the services, the whole loop, and what it needs of memory. */
@NullMarked
package reflux.deploy.bench.ring;

import org.jspecify.annotations.NullMarked;
