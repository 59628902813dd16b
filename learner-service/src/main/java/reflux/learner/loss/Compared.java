// SPDX-License-Identifier: Apache-2.0
package reflux.learner.loss;

import java.util.Arrays;
import reflux.model.engine.Tensor;

/**
 * What a divergence makes of C rows.
 *
 * @param values_C in nats
 * @param gradient_CV of a weight times each row's value for the student's logits
 */
public record Compared(Tensor values_C, Tensor gradient_CV) {

    /** Of the values, in f64. */
    public double sum() {
        return Arrays.stream(values_C.doubles()).sum();
    }
}
