// SPDX-License-Identifier: Apache-2.0
package reflux.learner.loss;

import reflux.model.engine.Tensor;

/**
 * The LM heads: V student rows of width d, W teacher rows of width D. All of one type, f32 (f64 in tests).
 *
 * @param studentGradient_Vd the loss adds to it; of a frozen head empty [0, d]
 */
public record Heads(Tensor student_Vd, Tensor studentGradient_Vd, Tensor teacher_WD) {}
