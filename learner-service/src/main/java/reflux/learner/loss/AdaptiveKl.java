// SPDX-License-Identifier: Apache-2.0
package reflux.learner.loss;

/**
 * w KL(p‖q) + (1−w) KL(q‖p), where w is the head's share of Σ|p − q| in each row, a constant for the gradient (Wu et al. 2024,
 * as in DSKD). The tail are the teacher's least likely tokens that hold at most α of p together, equal ones in order of their
 * ids; the head is the rest. Where p = q the share is ½: the published code divides 0 by 0 there.
 *
 * @param alpha in (0, 1), published as 0.5
 */
public record AdaptiveKl(double alpha) implements Divergence {
    public AdaptiveKl {
        if (!(alpha > 0 && alpha < 1)) {
            throw new IllegalArgumentException("adaptive_alpha must be in (0, 1), was " + alpha);
        }
    }

    @Override
    public String resource() {
        return "adaptive_kl.py";
    }

    @Override
    public double parameter() {
        return alpha;
    }
}
