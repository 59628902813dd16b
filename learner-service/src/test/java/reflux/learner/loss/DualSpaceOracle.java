// SPDX-License-Identifier: Apache-2.0
package reflux.learner.loss;

import java.util.Arrays;

/**
 * The dual-space loss in plain Java doubles, token by token, written from the formulas and sharing nothing with the scripts.
 * What gradients must not flow through is a separate argument, so that finite differences follow the stop-gradients.
 *
 * @param pairs teacher row, student row
 * @param studentIds the student's id for each of the teacher's
 * @param gold ids of the student's rows, -1 where there is none
 */
record DualSpaceOracle(
        double[][] teacherRows,
        double[][] teacherHead,
        double[][] s2t,
        int[][] pairs,
        int[] studentIds,
        int[] gold,
        LossSettings settings) {

    /** What the loss is differentiated by, and the same matrices where they count as constants. */
    record Point(double[][] rows, double[][] head, double[][] t2s) {
        Point copy() {
            return new Point(DualSpaceOracle.copy(rows), DualSpaceOracle.copy(head), DualSpaceOracle.copy(t2s));
        }
    }

    /** Means of ce, t2s_ce, t2s_kd and s2t_kd. */
    record Terms(double ce, double t2sCe, double t2sKd, double s2tKd) {
        double loss(double ratio) {
            return (1 - ratio) * ce + ratio * (t2sCe + t2sKd + s2tKd);
        }
    }

    Terms terms(Point live, Point frozen) {
        double ce = 0;
        int golds = 0;
        for (int row = 0; row < gold.length; row++) {
            if (gold[row] >= 0) {
                ce -= logSoftmax(times(live.head(), live.rows()[row]), 1)[gold[row]];
                golds++;
            }
        }
        double t2sCe = 0;
        double t2sKd = 0;
        double s2tKd = 0;
        int kept = 0;
        int agreed = 0;
        for (int[] pair : pairs) {
            double[] teacher = teacherRows[pair[0]];
            double[] student = live.rows()[pair[1]];
            double[] teacherLogits = times(teacherHead, teacher);
            int target = studentIds[argmax(teacherLogits)];
            if (target < 0) {
                continue;
            }
            kept++;
            double[] projected = times(frozen.head(), timesLeft(teacher, frozen.t2s()));
            t2sCe -= logSoftmax(times(frozen.head(), timesLeft(teacher, live.t2s())), 1)[target];
            if (argmax(projected) == target || settings.agreementThreshold() < 0) {
                agreed++;
                t2sKd += divergence(times(live.head(), student), projected);
            }
            s2tKd += divergence(times(teacherHead, timesLeft(student, s2t)), teacherLogits);
        }
        return new Terms(ce / Math.max(1, golds), t2sCe / kept, t2sKd / Math.max(1, agreed), s2tKd / kept);
    }

    private double divergence(double[] studentLogits, double[] teacherLogits) {
        double[] q = logSoftmax(studentLogits, settings.temperature());
        double[] p = logSoftmax(teacherLogits, settings.temperature());
        if (settings.divergence() instanceof GeneralisedJsd jsd) {
            double[] m = new double[p.length];
            Arrays.setAll(m, i -> Math.log(jsd.beta() * Math.exp(p[i]) + (1 - jsd.beta()) * Math.exp(q[i])));
            return jsd.beta() * kl(p, m) + (1 - jsd.beta()) * kl(q, m);
        }
        return settings.divergence() instanceof ReverseKl ? kl(q, p) : kl(p, q);
    }

    private static double kl(double[] logP, double[] logQ) {
        double sum = 0;
        for (int i = 0; i < logP.length; i++) {
            sum += Math.exp(logP[i]) * (logP[i] - logQ[i]);
        }
        return sum;
    }

    private static double[] logSoftmax(double[] logits, double temperature) {
        double max = Arrays.stream(logits).max().orElseThrow();
        double sum = 0;
        for (double logit : logits) {
            sum += Math.exp((logit - max) / temperature);
        }
        double log = Math.log(sum);
        return Arrays.stream(logits).map(x -> (x - max) / temperature - log).toArray();
    }

    private static int argmax(double[] values) {
        int best = 0;
        for (int i = 1; i < values.length; i++) {
            best = values[i] > values[best] ? i : best;
        }
        return best;
    }

    /** Matrix times vector. */
    static double[] times(double[][] matrix, double[] vector) {
        double[] product = new double[matrix.length];
        for (int i = 0; i < matrix.length; i++) {
            for (int j = 0; j < vector.length; j++) {
                product[i] += matrix[i][j] * vector[j];
            }
        }
        return product;
    }

    /** Vector times matrix. */
    static double[] timesLeft(double[] vector, double[][] matrix) {
        double[] product = new double[matrix[0].length];
        for (int i = 0; i < vector.length; i++) {
            for (int j = 0; j < product.length; j++) {
                product[j] += vector[i] * matrix[i][j];
            }
        }
        return product;
    }

    static double[][] copy(double[][] matrix) {
        return Arrays.stream(matrix).map(double[]::clone).toArray(double[][]::new);
    }
}
