// SPDX-License-Identifier: Apache-2.0
package reflux.learner.loss;

/**
 * −p(k) ln q(k) for the k that the teacher finds likeliest (the lowest of several), as in KDFlow. No divergence: not 0 where
 * both agree.
 */
public record Top1CrossEntropy() implements Divergence {

    @Override
    public String resource() {
        return "top1_cross_entropy.py";
    }

    @Override
    public double parameter() {
        return 0;
    }
}
