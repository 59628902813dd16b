// SPDX-License-Identifier: Apache-2.0

/** Sampling of rollouts in one continuous batch: rules, randomness, stop texts, slots, the decode loop; no gRPC and no Vert.x. */
@NullMarked
package reflux.generator.sampling;

import org.jspecify.annotations.NullMarked;
