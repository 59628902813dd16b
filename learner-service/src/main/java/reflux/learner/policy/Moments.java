// SPDX-License-Identifier: Apache-2.0
package reflux.learner.policy;

import java.util.Arrays;

/**
 * What mean and variance are read from. Sums of parts are the sums of the whole, so a step may be split anyhow.
 *
 * @param count numbers
 * @param sum of the numbers
 * @param squares sum of their squares
 */
public record Moments(double count, double sum, double squares) {

    public static Moments of(double[] values) {
        return new Moments(
                values.length,
                Arrays.stream(values).sum(),
                Arrays.stream(values).map(value -> value * value).sum());
    }

    /** The same with zeros added until there are {@code elements} numbers. */
    public Moments padded(double elements) {
        return new Moments(elements, sum, squares);
    }

    /** The numbers less the mean, over the standard deviation of the population; 1e-8 is added to the variance. */
    public double[] whiten(double[] values) {
        double mean = sum / count;
        double variance = Math.max(0, squares / count - mean * mean);
        double deviation = Math.sqrt(variance + 1e-8);
        return Arrays.stream(values).map(value -> (value - mean) / deviation).toArray();
    }
}
