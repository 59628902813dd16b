// SPDX-License-Identifier: Apache-2.0
package reflux.learner.loss;

/**
 * β KL(p‖M) + (1−β) KL(q‖M) with M = βp + (1−β)q, as in GKD and TRL: β weights the teacher. As there, β = 0 is the forward
 * and β = 1 the reverse KL, although the formula tends to 0 at both ends.
 *
 * @param beta in [0, 1]
 */
public record GeneralisedJsd(double beta) implements Divergence {
    public GeneralisedJsd {
        if (!(beta >= 0 && beta <= 1)) {
            throw new IllegalArgumentException("beta must be in [0, 1], was " + beta);
        }
    }

    @Override
    public String resource() {
        if (beta == 0) {
            return new ForwardKl().resource();
        }
        return beta == 1 ? new ReverseKl().resource() : "generalised_jsd.py";
    }

    @Override
    public double parameter() {
        return beta;
    }
}
