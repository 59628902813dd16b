// SPDX-License-Identifier: Apache-2.0
package reflux.learner.loss;

/** ½ Σ |p − q|, between 0 and 1; its gradient is bounded and does not say how far apart two probabilities are. */
public record TotalVariation() implements Divergence {

    @Override
    public String resource() {
        return "total_variation.py";
    }

    @Override
    public double parameter() {
        return 0;
    }
}
