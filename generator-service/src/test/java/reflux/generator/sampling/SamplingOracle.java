// SPDX-License-Identifier: Apache-2.0
package reflux.generator.sampling;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** The sampling rules in plain Java and doubles, to check the script against. */
final class SamplingOracle {
    private SamplingOracle() {}

    static double logSumExp(float[] logits) {
        double largest = Double.NEGATIVE_INFINITY;
        for (float logit : logits) {
            largest = Math.max(largest, logit);
        }
        double sum = 0;
        for (float logit : logits) {
            sum += Math.exp(logit - largest);
        }
        return largest + Math.log(sum);
    }

    static int choose(float[] logits, SamplingRule rule, double uniform) {
        List<Integer> byRank = ranked(logits);
        if (rule.temperature() == 0) {
            return byRank.get(0);
        }
        double[] probabilities = probabilities(logits, rule);
        double mass = 0;
        int last = 0;
        for (int id = 0; id < probabilities.length; id++) {
            mass += probabilities[id];
            if (probabilities[id] > 0) {
                last = id;
                if (mass > uniform) {
                    return id;
                }
            }
        }
        return last;
    }

    static double[] probabilities(float[] logits, SamplingRule rule) {
        List<Integer> kept = ranked(logits);
        if (rule.topK() > 0) {
            kept = kept.subList(0, Math.min(rule.topK(), kept.size()));
        }
        double[] probabilities = softmax(logits, kept, rule.temperature());
        if (rule.topP() < 1) {
            double before = 0;
            int count = 0;
            while (count < kept.size() && before < rule.topP()) {
                before += probabilities[kept.get(count++)];
            }
            probabilities = softmax(logits, kept.subList(0, count), rule.temperature());
        }
        return probabilities;
    }

    private static List<Integer> ranked(float[] logits) {
        return IntStream.range(0, logits.length)
                .boxed()
                .sorted(Comparator.<Integer>comparingDouble(id -> -logits[id]).thenComparingInt(id -> id))
                .toList();
    }

    private static double[] softmax(float[] logits, List<Integer> kept, double temperature) {
        double[] probabilities = new double[logits.length];
        double sum = 0;
        for (int id : kept) {
            probabilities[id] = Math.exp((logits[id] - logits[kept.get(0)]) / temperature);
            sum += probabilities[id];
        }
        for (int id : kept) {
            probabilities[id] /= sum;
        }
        return probabilities;
    }
}
