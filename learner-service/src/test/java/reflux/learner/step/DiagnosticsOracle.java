// SPDX-License-Identifier: Apache-2.0
package reflux.learner.step;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import reflux.learner.align.FirstTokens;
import reflux.learner.align.TokenPair;
import reflux.learner.align.VocabularyMap;
import reflux.learner.loss.Term;
import reflux.learner.objective.Response;

/** The diagnostics in plain Java doubles, token by token; 8 student rows of width 3, 6 teacher rows of width 4. */
final class DiagnosticsOracle {
    static final double[][] STUDENT_ROWS = random(1, 8, 3);
    static final double[][] TEACHER_ROWS = random(2, 6, 4);
    static final double[][] STUDENT_HEAD = random(3, 5, 3);
    static final double[][] TEACHER_HEAD = random(4, 6, 4);
    private static final VocabularyMap MAP =
            VocabularyMap.between(DiagnosedResponses.TEACHER, DiagnosedResponses.STUDENT);

    private final Map<String, Term> terms = new TreeMap<>();

    DiagnosticsOracle(List<Response> responses) {
        responses.forEach(this::add);
    }

    Map<String, Term> terms() {
        return terms;
    }

    double[] logQ(int row) {
        return logSoftmax(STUDENT_HEAD, STUDENT_ROWS[row]);
    }

    private void add(Response response) {
        for (int i = 0; i < response.tokens().size(); i++) {
            double[] q = logQ(response.studentRow() + i);
            add("student_entropy", entropy(q));
            if (!response.logProbs().isEmpty()) {
                double ratio = q[response.tokens().get(i)] - response.logProbs().get(i);
                String name = response.staleness() == 0 ? "sampler_mismatch_kl" : "policy_drift_kl";
                add(name, Math.exp(ratio) - 1 - ratio);
            }
        }
        response.score().ifPresent(score -> {
            for (TokenPair pair : score.alignment().exactPairs()) {
                boolean isFirst = pair.teacher() == 0 && pair.student() == 0;
                pair(response, score, pair, isFirst ? score.alignment().firstTokens() : FirstTokens.PLAIN);
            }
            score.alignment().endPairs().forEach(pair -> pair(response, score, pair, FirstTokens.PLAIN));
        });
    }

    private void pair(Response response, Response.Scored score, TokenPair pair, FirstTokens first) {
        VocabularyMap map = MAP.reading(first);
        double[] q = logQ(response.studentRow() + pair.student());
        double[] p = logSoftmax(TEACHER_HEAD, TEACHER_ROWS[score.teacherRow() + pair.teacher()]);
        double[] ownBuckets = buckets(q, map.overlapStudent().toArray());
        double[] theirBuckets = buckets(p, map.overlapTeacher().toArray());
        add("kl_forward_per_token", kl(theirBuckets, ownBuckets));
        add("kl_reverse_per_token", kl(ownBuckets, theirBuckets));
        add("teacher_entropy", entropy(p));
        add("top1_agreement", map.student(argmax(p)) == argmax(q) ? 1 : 0);
        double teacherSays = p[score.tokens().get(pair.teacher())];
        add("log_prob_gap", teacherSays - q[response.tokens().get(pair.student())]);
    }

    private void add(String name, double value) {
        terms.merge(name, new Term(value, 1), Term::plus);
    }

    /** Probabilities of the shared tokens and of the rest. */
    private static double[] buckets(double[] logs, int[] shared) {
        double[] buckets = new double[shared.length + 1];
        double rest = 1;
        for (int k = 0; k < shared.length; k++) {
            buckets[k] = Math.exp(logs[shared[k]]);
            rest -= buckets[k];
        }
        buckets[shared.length] = Math.max(rest, Math.exp(-16));
        return buckets;
    }

    private static double kl(double[] p, double[] q) {
        double sum = 0;
        for (int i = 0; i < p.length; i++) {
            sum += p[i] * Math.log(p[i] / q[i]);
        }
        return sum;
    }

    private static double entropy(double[] logs) {
        return -Arrays.stream(logs).map(log -> Math.exp(log) * log).sum();
    }

    private static int argmax(double[] values) {
        int best = 0;
        for (int i = 1; i < values.length; i++) {
            best = values[i] > values[best] ? i : best;
        }
        return best;
    }

    private static double[] logSoftmax(double[][] head, double[] row) {
        double[] logits = new double[head.length];
        for (int v = 0; v < head.length; v++) {
            for (int j = 0; j < row.length; j++) {
                logits[v] += head[v][j] * row[j];
            }
        }
        double sum = Arrays.stream(logits).map(Math::exp).sum();
        return Arrays.stream(logits).map(logit -> logit - Math.log(sum)).toArray();
    }

    private static double[][] random(long seed, int rows, int width) {
        Random random = new Random(seed);
        double[][] values = new double[rows][width];
        for (double[] row : values) {
            Arrays.setAll(row, i -> random.nextGaussian());
        }
        return values;
    }
}
