// SPDX-License-Identifier: Apache-2.0
package reflux.learner.loss;

/**
 * (1−λ)(−Σ p ln q) + λ KL(q‖p): what DistiLLM calls symmetric KL. It is not symmetric, and not 0 where both agree; {@link
 * SymmetricKl} is.
 *
 * @param lambda in [0, 1], published as 0.9
 */
public record DistillmSymmetric(double lambda) implements Divergence {
    public DistillmSymmetric {
        if (!(lambda >= 0 && lambda <= 1)) {
            throw new IllegalArgumentException("lambda must be in [0, 1], was " + lambda);
        }
    }

    @Override
    public String resource() {
        return "distillm_symmetric.py";
    }

    @Override
    public double parameter() {
        return lambda;
    }
}
