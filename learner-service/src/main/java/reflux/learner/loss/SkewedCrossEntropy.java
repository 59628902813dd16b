// SPDX-License-Identifier: Apache-2.0
package reflux.learner.loss;

/**
 * −Σ p ln(λp + (1−λ)q): what DistiLLM calls skewed forward KL. The entropy of the teacher apart it is {@link SkewedForwardKl},
 * and has its gradient; not 0 where both agree.
 *
 * @param lambda in [0, 1); 0 is the soft cross-entropy
 */
public record SkewedCrossEntropy(double lambda) implements Divergence {
    public SkewedCrossEntropy {
        if (!(lambda >= 0 && lambda < 1)) {
            throw new IllegalArgumentException("skew_lambda must be in [0, 1), was " + lambda);
        }
    }

    @Override
    public String resource() {
        return "skewed_cross_entropy.py";
    }

    @Override
    public double parameter() {
        return lambda;
    }
}
