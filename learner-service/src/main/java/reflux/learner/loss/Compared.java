// SPDX-License-Identifier: Apache-2.0
package reflux.learner.loss;

import reflux.model.engine.Tensor;

/**
 * What a divergence makes of C rows.
 *
 * @param values_C in nats
 * @param gradient_CV of each row's value for the student's logits
 */
public record Compared(Tensor values_C, Tensor gradient_CV) {}
