// SPDX-License-Identifier: Apache-2.0
/**
 * Distillation losses with their gradients in closed form: divergences of two distributions, and the dual-space loss of
 * DSKDv2 over aligned tokens. What trains with these gradients is elsewhere.
 */
@NullMarked
package reflux.learner.loss;

import org.jspecify.annotations.NullMarked;
