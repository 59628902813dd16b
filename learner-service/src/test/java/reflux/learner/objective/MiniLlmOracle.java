// SPDX-License-Identifier: Apache-2.0
package reflux.learner.objective;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import reflux.learner.policy.Credit;
import reflux.learner.policy.Whitening;

/**
 * The policy gradients of the reverse KL in plain Java doubles, token by token, written from the formulas. Of the importance
 * weight, the part that is cut and constant is taken at the point {@code frozen}.
 *
 * @param isFromStates whether ln p is computed from the teacher's states, else it is what was sent, in f32
 */
record MiniLlmOracle(ReplyStep.Models models, MiniLlm settings, List<Reply> replies, boolean isFromStates) {

    double loss(Point live, Point frozen) {
        double ratio = settings.kdRatio();
        double loss = ratio * surrogate(live, frozen) + (1 - ratio) * crossEntropy(live);
        return settings.hasSingleStep() ? loss + ratio * exact(live) : loss;
    }

    private double crossEntropy(Point live) {
        double sum = 0;
        int count = 0;
        for (int r = 0; r < replies.size(); r++) {
            for (int t = 0; replies.get(r).isGold() && t < replies.get(r).tokens().length; t++) {
                sum -= logProb(live, r, t);
                count++;
            }
        }
        return sum / Math.max(1, count);
    }

    double exact(Point live) {
        double sum = 0;
        int count = 0;
        for (int r = 0; r < replies.size(); r++) {
            for (int t = 0; t < replies.get(r).teacherTokens().length; t++) {
                double[] own =
                        PlainMaths.times(live.head(), live.states(replies).get(r)[t]);
                double[] teacher =
                        PlainMaths.times(models.teacherHead(), replies.get(r).teacherStates()[t]);
                sum += PlainMaths.kl(own, teacher, settings.temperature());
                count++;
            }
        }
        return sum / count;
    }

    double surrogate(Point live, Point frozen) {
        double[][] advantages = advantages();
        double sum = 0;
        int count = 0;
        for (int r = 0; r < replies.size(); r++) {
            for (int t = 0; t < advantages[r].length; t++) {
                double advantage = advantages[r][t];
                double weight = weight(frozen, r, t) * Math.exp(logProb(live, r, t) - logProb(frozen, r, t));
                double range = settings.clip().range();
                double clipped = Math.min(Math.max(weight, 1 - range), 1 + range);
                sum += Math.max(-advantage * weight, -advantage * clipped);
                count++;
            }
        }
        return sum / count;
    }

    double weight(Point point, int r, int t) {
        Reply reply = replies.get(r);
        float from = reply.behaviour().length > 0 ? reply.behaviour()[t] : reply.logProbs()[t];
        return Math.min(Math.exp(logProb(point, r, t) - from), settings.clip().weightLimit());
    }

    private double logProb(Point point, int r, int t) {
        double[] state = point.states(replies).get(r)[t];
        return PlainMaths.logSoftmax(PlainMaths.times(point.head(), state), 1)[
                replies.get(r).tokens()[t]];
    }

    /** Of each reply's tokens; none for given replies. */
    double[][] advantages() {
        double[][] credit = new double[replies.size()][];
        Arrays.setAll(credit, r -> credit(replies.get(r)));
        if (settings.whitening() == Whitening.NONE) {
            return credit;
        }
        List<Double> all = new ArrayList<>();
        Arrays.stream(credit).flatMapToDouble(Arrays::stream).forEach(all::add);
        int longest = Arrays.stream(credit).mapToInt(row -> row.length).max().orElseThrow();
        long sampled = Arrays.stream(credit).filter(row -> row.length > 0).count();
        while (settings.whitening() == Whitening.BATCH && all.size() < longest * sampled) {
            all.add(0.0);
        }
        double mean = all.stream().mapToDouble(x -> x).average().orElseThrow();
        double variance =
                all.stream().mapToDouble(x -> (x - mean) * (x - mean)).average().orElseThrow();
        return Arrays.stream(credit)
                .map(row -> Arrays.stream(row)
                        .map(x -> (x - mean) / Math.sqrt(variance + 1e-8))
                        .toArray())
                .toArray(double[][]::new);
    }

    private double[] credit(Reply reply) {
        double[] rewards = new double[reply.logProbs().length];
        for (int t = 0; t < rewards.length; t++) {
            double[] logits = PlainMaths.times(models.teacherHead(), reply.teacherStates()[t]);
            double teacher = PlainMaths.logSoftmax(logits, 1)[reply.tokens()[t]];
            double sent = isFromStates ? teacher : (float) teacher;
            double reward = (sent - reply.logProbs()[t]) / settings.rewards().scaling();
            rewards[t] = Math.min(
                    Math.max(reward, -settings.rewards().limit()),
                    settings.rewards().limit());
        }
        double[] credit = new double[rewards.length];
        for (int t = 0; t < rewards.length; t++) {
            credit[t] = settings.credit() instanceof Credit.Returns returns
                    ? discounted(rewards, t, returns)
                    : weighed(rewards, t, (Credit.PrefixWeighted) settings.credit());
        }
        return credit;
    }

    private static double discounted(double[] rewards, int t, Credit.Returns returns) {
        double sum = 0;
        for (int later = t; later < rewards.length; later++) {
            sum += Math.pow(returns.gamma(), later - t) * rewards[later];
        }
        return returns.isLengthNormalised() ? sum / (rewards.length - t) : sum;
    }

    private static double weighed(double[] rewards, int t, Credit.PrefixWeighted rule) {
        double before = Arrays.stream(rewards, 0, t).map(Math::abs).sum();
        double all = Arrays.stream(rewards).map(Math::abs).sum();
        return rewards[t] * (1 + rule.gamma() * (1 - before / all));
    }
}
