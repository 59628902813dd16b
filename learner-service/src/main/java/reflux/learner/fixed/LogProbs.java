// SPDX-License-Identifier: Apache-2.0
package reflux.learner.fixed;

import java.util.Comparator;
import java.util.stream.IntStream;

/** Natural log-probabilities of all tokens in some rows, in double. */
final class LogProbs {
    private final double[][] rows_NV;

    private LogProbs(double[][] rows_NV) {
        this.rows_NV = rows_NV;
    }

    /**
     * Of the first {@code vocabulary} tokens; those behind are padding.
     *
     * @param logits [N, width] row-major
     */
    static LogProbs of(float[] logits, int width, int vocabulary) {
        double[][] rows = new double[logits.length / width][vocabulary];
        for (int n = 0; n < rows.length; n++) {
            double largest = Double.NEGATIVE_INFINITY;
            for (int v = 0; v < vocabulary; v++) {
                largest = Math.max(largest, logits[n * width + v]);
            }
            double mass = 0;
            for (int v = 0; v < vocabulary; v++) {
                mass += Math.exp(logits[n * width + v] - largest);
            }
            for (int v = 0; v < vocabulary; v++) {
                rows[n][v] = logits[n * width + v] - largest - Math.log(mass);
            }
        }
        return new LogProbs(rows);
    }

    int rows() {
        return rows_NV.length;
    }

    double at(int row, int token) {
        return rows_NV[row][token];
    }

    /** The likeliest k tokens. */
    int[] top(int row, int k) {
        return IntStream.range(0, rows_NV[row].length)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer id) -> -rows_NV[row][id]))
                .limit(k)
                .mapToInt(Integer::intValue)
                .toArray();
    }

    /** ln of the mass of all tokens but these. */
    double tail(int row, int[] ids) {
        boolean[] isTop = new boolean[rows_NV[row].length];
        for (int id : ids) {
            isTop[id] = true;
        }
        double mass = 0;
        for (int v = 0; v < isTop.length; v++) {
            mass += isTop[v] ? 0 : Math.exp(rows_NV[row][v]);
        }
        return Math.log(mass);
    }
}
