// SPDX-License-Identifier: Apache-2.0
package reflux.learner.loss;

/**
 * −Σ p ln q: the forward KL and the entropy of the teacher, with the gradient of the forward KL. What DistiLLM, MiniLLM and
 * DPKD call forward KL; not 0 where both agree.
 */
public record SoftCrossEntropy() implements Divergence {

    @Override
    public String resource() {
        return "soft_cross_entropy.py";
    }

    @Override
    public double parameter() {
        return 0;
    }
}
