// SPDX-License-Identifier: Apache-2.0
package reflux.learner.loss;

/** KL(q‖p) = Σ q (ln q − ln p): the student must put no mass where the teacher has none. */
public record ReverseKl() implements Divergence {

    @Override
    public String resource() {
        return "reverse_kl.py";
    }

    @Override
    public double parameter() {
        return 0;
    }
}
