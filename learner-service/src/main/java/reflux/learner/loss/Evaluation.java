// SPDX-License-Identifier: Apache-2.0
package reflux.learner.loss;

import reflux.model.engine.Tensor;

/**
 * The outcome of one micro-batch.
 *
 * @param terms numerators and denominators of this micro-batch alone
 * @param studentGradient_Nd gradient of the step's loss for the student's rows, to go backward from
 */
public record Evaluation(LossTerms terms, Tensor studentGradient_Nd) {}
