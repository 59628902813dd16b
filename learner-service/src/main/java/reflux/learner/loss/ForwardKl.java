// SPDX-License-Identifier: Apache-2.0
package reflux.learner.loss;

/** KL(p‖q) = Σ p (ln p − ln q): the student must put mass wherever the teacher does. */
public record ForwardKl() implements Divergence {

    @Override
    public String resource() {
        return "forward_kl.py";
    }

    @Override
    public double parameter() {
        return 0;
    }
}
