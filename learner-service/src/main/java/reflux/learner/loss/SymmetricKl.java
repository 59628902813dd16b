// SPDX-License-Identifier: Apache-2.0
package reflux.learner.loss;

/** ½ KL(p‖q) + ½ KL(q‖p). */
public record SymmetricKl() implements Divergence {

    @Override
    public String resource() {
        return "symmetric_kl.py";
    }

    @Override
    public double parameter() {
        return 0;
    }
}
