// SPDX-License-Identifier: Apache-2.0
package reflux.learner.policy;

/** Estimates of a divergence from samples. */
public final class KlEstimate {
    private KlEstimate() {}

    /**
     * {@code e^d − 1 − d}, whose mean over samples of a is KL(a‖b); never negative, and unbiased, since the mean of e^d is 1.
     *
     * @param logRatio d = ln b(y) − ln a(y) of a token drawn from a
     */
    public static double k3(double logRatio) {
        return Math.expm1(logRatio) - logRatio;
    }
}
