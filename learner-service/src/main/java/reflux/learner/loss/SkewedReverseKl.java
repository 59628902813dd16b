// SPDX-License-Identifier: Apache-2.0
package reflux.learner.loss;

/**
 * KL(q‖M) with M = (1−λ)p + λq, as in DistiLLM and DSKD: finite where the teacher forbids what the student samples.
 *
 * @param lambda in [0, 1); 0 is the reverse KL
 */
public record SkewedReverseKl(double lambda) implements Divergence {
    public SkewedReverseKl {
        if (!(lambda >= 0 && lambda < 1)) {
            throw new IllegalArgumentException("skew_lambda must be in [0, 1), was " + lambda);
        }
    }

    @Override
    public String resource() {
        return "skewed_reverse_kl.py";
    }

    @Override
    public double parameter() {
        return lambda;
    }
}
