// SPDX-License-Identifier: Apache-2.0
package reflux.learner.loss;

/**
 * KL(p‖M) with M = λp + (1−λ)q, as in DistiLLM and DSKD: finite however little the student gives to what the teacher likes.
 *
 * @param lambda in [0, 1); 0 is the forward KL
 */
public record SkewedForwardKl(double lambda) implements Divergence {
    public SkewedForwardKl {
        if (!(lambda >= 0 && lambda < 1)) {
            throw new IllegalArgumentException("skew_lambda must be in [0, 1), was " + lambda);
        }
    }

    @Override
    public String resource() {
        return "skewed_forward_kl.py";
    }

    @Override
    public double parameter() {
        return lambda;
    }
}
