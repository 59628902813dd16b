// SPDX-License-Identifier: Apache-2.0
package reflux.learner.objective;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;

/** What oracles are written in: doubles, loops and nothing of the product. */
final class PlainMaths {
    private PlainMaths() {}

    static double[] logSoftmax(double[] logits, double temperature) {
        double max = Arrays.stream(logits).max().orElseThrow();
        double sum = 0;
        for (double logit : logits) {
            sum += Math.exp((logit - max) / temperature);
        }
        double log = Math.log(sum);
        return Arrays.stream(logits).map(x -> (x - max) / temperature - log).toArray();
    }

    static double[] softmax(double[] logits) {
        return Arrays.stream(logSoftmax(logits, 1)).map(Math::exp).toArray();
    }

    /** Σ p (ln p − ln q) from logits. */
    static double kl(double[] p, double[] q, double temperature) {
        double[] logP = logSoftmax(p, temperature);
        double[] logQ = logSoftmax(q, temperature);
        double sum = 0;
        for (int i = 0; i < p.length; i++) {
            sum += Math.exp(logP[i]) * (logP[i] - logQ[i]);
        }
        return sum;
    }

    /** The ids of the {@code count} largest, the largest first, of equal ones the lowest first. */
    static int[] likeliest(double[] values, int count) {
        return IntStream.range(0, values.length)
                .boxed()
                .sorted((a, b) -> Double.compare(values[b], values[a]))
                .limit(count)
                .mapToInt(Integer::intValue)
                .toArray();
    }

    static int argmax(double[] values) {
        int best = 0;
        for (int i = 1; i < values.length; i++) {
            best = values[i] > values[best] ? i : best;
        }
        return best;
    }

    /** The logits of a state: matrix times vector. */
    static double[] times(double[][] matrix, double[] vector) {
        double[] product = new double[matrix.length];
        for (int i = 0; i < matrix.length; i++) {
            for (int j = 0; j < vector.length; j++) {
                product[i] += matrix[i][j] * vector[j];
            }
        }
        return product;
    }

    /** Vector times a matrix given row by row, plus a bias. */
    static double[] affine(double[] vector, double[] weight, double[] bias) {
        double[] product = bias.clone();
        for (int i = 0; i < vector.length; i++) {
            for (int j = 0; j < product.length; j++) {
                product[j] += vector[i] * weight[i * product.length + j];
            }
        }
        return product;
    }

    static double dot(double[] left, double[] right) {
        double sum = 0;
        for (int i = 0; i < left.length; i++) {
            sum += left[i] * right[i];
        }
        return sum;
    }

    static double[] concat(double[] left, double[] right) {
        double[] both = Arrays.copyOf(left, left.length + right.length);
        System.arraycopy(right, 0, both, left.length, right.length);
        return both;
    }

    static double[] flat(double[][] rows) {
        return Arrays.stream(rows).flatMapToDouble(Arrays::stream).toArray();
    }

    static double[][] rows(double[] flat, int width) {
        double[][] rows = new double[flat.length / width][];
        Arrays.setAll(rows, i -> Arrays.copyOfRange(flat, i * width, (i + 1) * width));
        return rows;
    }

    static double[][] gaussian(long seed, int rows, int width) {
        Random random = new Random(seed);
        double[][] values = new double[rows][width];
        for (double[] row : values) {
            Arrays.setAll(row, i -> random.nextGaussian());
        }
        return values;
    }

    /** A head with random rows of padding behind it, likelier than the others. */
    static double[][] padded(double[][] head, int padding) {
        double[][] rows = gaussian(77, padding, head[0].length);
        double[][] padded = Arrays.copyOf(head, head.length + padding);
        for (int i = 0; i < padding; i++) {
            padded[head.length + i] =
                    Arrays.stream(rows[i]).map(each -> 3 * each).toArray();
        }
        return padded;
    }
}
