// SPDX-License-Identifier: Apache-2.0
package reflux.learner.objective;

import java.util.Arrays;

/** (1 − r)·CE + r·KD of one vocabulary in loops over doubles, for the divergences that the test names. */
record SameTokensOracle(ObjectiveSettings keys) {

    double loss(ObjectiveCheck.Point point) {
        double ce = 0;
        int gold = 0;
        double kd = 0;
        int pairs = 0;
        for (Reply reply : point.replies()) {
            for (int t = 0; t < reply.tokens().length; t++) {
                double[] student = PlainMaths.times(point.models().studentHead(), reply.states()[t]);
                if (reply.isGold()) {
                    ce += crossEntropy(student, reply.tokens()[t]);
                    gold++;
                }
                if (reply.teacherTokens().length > 0) {
                    double[] teacher = PlainMaths.times(point.models().teacherHead(), reply.teacherStates()[t]);
                    kd += distance(student, teacher);
                    pairs++;
                }
            }
        }
        return (1 - keys.kdRatio()) * ce / gold + (keys.kdRatio() == 0 ? 0 : keys.kdRatio() * kd / pairs);
    }

    private double crossEntropy(double[] logits, int token) {
        double[] logQ = PlainMaths.logSoftmax(logits, 1);
        double sum = 0;
        for (int id = 0; id < logQ.length; id++) {
            double target = id == token ? 1 - keys.labelSmoothing() : keys.labelSmoothing() / (logQ.length - 1);
            sum -= target * logQ[id];
        }
        return sum;
    }

    private double distance(double[] student, double[] teacher) {
        double[] q = probabilities(student);
        double[] p = probabilities(teacher);
        if (keys.topKLogits() > 0) {
            int[] ids = PlainMaths.likeliest(p, keys.topKLogits());
            q = buckets(q, ids);
            p = buckets(p, ids);
        }
        double beta = keys.beta();
        double lambda = keys.skewLambda();
        return switch (keys.objective()) {
            case "gkd" -> beta == 1 ? kl(q, p) : beta * kl(p, mix(p, q, beta)) + (1 - beta) * kl(q, mix(p, q, beta));
            case "distillm" ->
                keys.kdLossFn().equals("skewed_reverse_kl") ? kl(q, mix(q, p, lambda)) : kl(p, mix(p, q, lambda));
            default -> keys.kdLossFn().equals("reverse_kl") ? kl(q, p) : kl(p, q);
        };
    }

    private double[] probabilities(double[] logits) {
        return Arrays.stream(PlainMaths.logSoftmax(logits, keys.kdTemperature()))
                .map(Math::exp)
                .toArray();
    }

    private static double[] buckets(double[] p, int[] ids) {
        double[] found = new double[ids.length + 1];
        for (int i = 0; i < ids.length; i++) {
            found[i] = p[ids[i]];
        }
        found[ids.length] = 1 - Arrays.stream(found).sum();
        return found;
    }

    private static double kl(double[] p, double[] q) {
        double sum = 0;
        for (int i = 0; i < p.length; i++) {
            sum += p[i] * Math.log(p[i] / q[i]);
        }
        return sum;
    }

    private static double[] mix(double[] first, double[] second, double share) {
        double[] mixture = new double[first.length];
        Arrays.setAll(mixture, i -> share * first[i] + (1 - share) * second[i]);
        return mixture;
    }
}
