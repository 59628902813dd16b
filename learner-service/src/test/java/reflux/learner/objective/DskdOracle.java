// SPDX-License-Identifier: Apache-2.0
package reflux.learner.objective;

import java.util.Arrays;
import java.util.List;
import reflux.learner.loss.ReverseKl;

/**
 * DSKD's first version in plain Java doubles, token by token, written from the formulas. What gradients must not flow through is
 * the point {@code frozen}, so that finite differences follow the stop-gradients.
 */
record DskdOracle(ReplyStep.Models models, Dskd settings, List<Reply> replies) {

    /** Sums and counts. */
    static final class Sums {
        double ce;
        double t2sCe;
        double t2sKd;
        double s2tKd;
        int gold;
        int studentTokens;
        int teacherTokens;

        double loss(double ratio) {
            return (1 - ratio) * ce / Math.max(1, gold)
                    + ratio * ((t2sCe + t2sKd) / studentTokens + s2tKd / teacherTokens);
        }
    }

    double loss(Point live, Point frozen) {
        return sums(live, frozen).loss(settings.kdRatio());
    }

    Sums sums(Point live, Point frozen) {
        Sums sums = new Sums();
        List<double[][]> states = live.states(replies);
        for (int r = 0; r < replies.size(); r++) {
            Reply reply = replies.get(r);
            if (reply.isGold()) {
                gold(sums, reply, states.get(r), live);
            }
            if (reply.teacherTokens().length > 0) {
                studentSpace(sums, reply, states.get(r), live, frozen);
                teacherSpace(sums, reply, states.get(r), live);
            }
        }
        return sums;
    }

    private void gold(Sums sums, Reply reply, double[][] states, Point live) {
        sums.gold += reply.tokens().length;
        for (int t = 0; t < reply.tokens().length; t++) {
            sums.ce -= PlainMaths.logSoftmax(PlainMaths.times(live.head(), states[t]), 1)[reply.tokens()[t]];
        }
    }

    private void studentSpace(Sums sums, Reply reply, double[][] states, Point live, Point frozen) {
        double[][] trained = toStudent(reply, live);
        double[][] constant = toStudent(reply, frozen);
        for (int t = 0; t < reply.tokens().length; t++) {
            int token = reply.tokens()[t];
            sums.t2sCe -= PlainMaths.logSoftmax(PlainMaths.times(frozen.head(), trained[t]), 1)[token];
            double[] target = PlainMaths.times(frozen.head(), constant[t]);
            if (!settings.isAttentive() || PlainMaths.argmax(target) == token) {
                double[] own = PlainMaths.times(live.head(), states[t]);
                sums.t2sKd += settings.divergence() instanceof ReverseKl
                        ? PlainMaths.kl(own, target, settings.temperature())
                        : PlainMaths.kl(target, own, settings.temperature());
            }
            sums.studentTokens++;
        }
    }

    private void teacherSpace(Sums sums, Reply reply, double[][] states, Point live) {
        double[][] crossed = toTeacher(reply, states, live);
        for (int u = 0; u < crossed.length; u++) {
            sums.s2tKd += PlainMaths.kl(
                    PlainMaths.times(models.teacherHead(), reply.teacherStates()[u]),
                    PlainMaths.times(models.teacherHead(), crossed[u]),
                    settings.temperature());
            sums.teacherTokens++;
        }
    }

    private double[][] toStudent(Reply reply, Point point) {
        if (!settings.isAttentive()) {
            return map(reply.teacherStates(), point, "dskd.t2s");
        }
        double[][] read = embeddings(models.teacherEmbeddings(), -1, reply.teacherTokens());
        double[][] predicted = new double[read.length][];
        Arrays.setAll(predicted, u -> models.teacherEmbeddings()[reply.teacherTokens()[u]]);
        double states = deviation(reply.teacherStates());
        double tokens = deviation(predicted);
        double[][] content = new double[read.length][];
        Arrays.setAll(content, u -> {
            double[] row = reply.teacherStates()[u].clone();
            Arrays.setAll(row, i -> row[i] / states + predicted[u][i] / tokens);
            return row;
        });
        double[][] values = map(content, point, "dskd.t2s");
        double[][] scores = scores(reply, point);
        double[][] crossed = new double[scores.length][];
        Arrays.setAll(crossed, t -> mean(PlainMaths.softmax(scores[t]), values));
        return crossed;
    }

    private double[][] toTeacher(Reply reply, double[][] states, Point point) {
        double[][] values = map(states, point, "dskd.s2t");
        if (!settings.isAttentive()) {
            return values;
        }
        double[][] scores = scores(reply, point);
        double[][] crossed = new double[reply.teacherTokens().length][];
        Arrays.setAll(crossed, u -> {
            double[] column = new double[scores.length];
            Arrays.setAll(column, t -> scores[t][u]);
            return mean(PlainMaths.softmax(column), values);
        });
        return crossed;
    }

    /** [n][m]. */
    private double[][] scores(Reply reply, Point point) {
        double[][] queries =
                map(embeddings(models.studentEmbeddings(), reply.before(), reply.tokens()), point, "dskd.query");
        double[][] keys = embeddings(models.teacherEmbeddings(), -1, reply.teacherTokens());
        double deviation = deviation(keys);
        double[][] scores = new double[queries.length][keys.length];
        for (int t = 0; t < queries.length; t++) {
            for (int u = 0; u < keys.length; u++) {
                scores[t][u] = PlainMaths.dot(queries[t], keys[u]) / deviation / Math.sqrt(keys[u].length);
            }
        }
        return scores;
    }

    private static double[][] embeddings(double[][] table, int before, int[] tokens) {
        double[][] rows = new double[tokens.length][];
        for (int t = 0; t < tokens.length; t++) {
            int read = t == 0 ? before : tokens[t - 1];
            rows[t] = PlainMaths.concat(read < 0 ? new double[table[0].length] : table[read], table[tokens[t]]);
        }
        return rows;
    }

    private static double deviation(double[][] rows) {
        double[] all = PlainMaths.flat(rows);
        double mean = Arrays.stream(all).average().orElseThrow();
        double squares = Arrays.stream(all).map(x -> (x - mean) * (x - mean)).sum();
        return Math.sqrt(squares / (all.length - 1));
    }

    private static double[] mean(double[] weights, double[][] rows) {
        double[] mean = new double[rows[0].length];
        for (int i = 0; i < weights.length; i++) {
            for (int j = 0; j < mean.length; j++) {
                mean[j] += weights[i] * rows[i][j];
            }
        }
        return mean;
    }

    private static double[][] map(double[][] rows, Point point, String name) {
        double[][] mapped = new double[rows.length][];
        Arrays.setAll(mapped, i -> PlainMaths.affine(rows[i], point.get(name + ".weight"), point.get(name + ".bias")));
        return mapped;
    }
}
