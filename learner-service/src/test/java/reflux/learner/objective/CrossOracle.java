// SPDX-License-Identifier: Apache-2.0
package reflux.learner.objective;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * Sums and counts of the objectives for two vocabularies over one reply, in plain doubles from strings, written from the
 * formulas and sharing nothing with the product.
 */
final class CrossOracle {
    private final CrossWords words;
    private final CrossReply reply;
    private final double[][] studentLogits;
    private final double[][] teacherLogits;

    /** A sum over so many. */
    record Sum(double sum, int count) {
        Sum plus(Sum other) {
            return new Sum(sum + other.sum, count + other.count);
        }
    }

    CrossOracle(CrossWords words, CrossReply reply, double[][] studentHead, double[][] teacherHead) {
        this.words = words;
        this.reply = reply;
        this.studentLogits = logits(studentHead, reply.states());
        this.teacherLogits = logits(teacherHead, reply.teacherStates());
    }

    private static double[][] logits(double[][] head, double[][] states) {
        return Arrays.stream(states).map(state -> PlainMaths.times(head, state)).toArray(double[][]::new);
    }

    /** Where each token ends in the text. */
    private static int[] ends(List<String> spellings, int[] tokens) {
        int[] ends = new int[tokens.length];
        int at = 0;
        for (int i = 0; i < ends.length; i++) {
            at += spellings.get(tokens[i]).length();
            ends[i] = at;
        }
        return ends;
    }

    /** Tokens between shared boundaries, and both ends if both sides have one: {teacher tokens, student tokens}. */
    private List<int[][]> groups() {
        int[] teacherEnds = ends(words.teacher(), reply.teacherTokens());
        int[] studentEnds = ends(words.student(), reply.tokens());
        TreeSet<Integer> shared = new TreeSet<>();
        IntStream.of(teacherEnds).forEach(shared::add);
        TreeSet<Integer> own = new TreeSet<>();
        IntStream.of(studentEnds).forEach(own::add);
        shared.retainAll(own);
        List<int[][]> groups = new ArrayList<>();
        int start = 0;
        for (int end : shared) {
            groups.add(new int[][] {inside(teacherEnds, start, end), inside(studentEnds, start, end)});
            start = end;
        }
        int lastTeacher = teacherEnds.length - 1;
        int lastStudent = studentEnds.length - 1;
        boolean isEnded =
                words.teacher().get(reply.teacherTokens()[lastTeacher]).isEmpty()
                        && words.student().get(reply.tokens()[lastStudent]).isEmpty();
        if (isEnded) {
            groups.add(new int[][] {{lastTeacher}, {lastStudent}});
        }
        return groups;
    }

    /** Tokens that end after {@code start} and up to {@code end}; an end of sequence ends where its predecessor does. */
    private static int[] inside(int[] ends, int start, int end) {
        return IntStream.range(0, ends.length)
                .filter(i -> ends[i] > start && ends[i] <= end && (i == 0 || ends[i] > ends[i - 1]))
                .toArray();
    }

    /** {student id, teacher id} of equal spellings, ends included. */
    private List<int[]> shared() {
        List<int[]> pairs = new ArrayList<>();
        for (int id = 0; id < words.student().size(); id++) {
            int other = words.teacher().indexOf(words.student().get(id));
            if (other >= 0) {
                pairs.add(new int[] {id, other});
            }
        }
        return pairs;
    }

    Sum uld(boolean isPositional) {
        double sum = 0;
        int count = 0;
        if (isPositional) {
            count = Math.min(studentLogits.length, teacherLogits.length);
            for (int i = 0; i < count; i++) {
                sum += sorted(PlainMaths.softmax(studentLogits[i]), PlainMaths.softmax(teacherLogits[i]));
            }
            return new Sum(sum, count);
        }
        for (int[][] group : groups()) {
            double[] q = PlainMaths.softmax(studentLogits[group[1][0]]);
            sum += sorted(q, PlainMaths.softmax(teacherLogits[group[0][0]]));
            count++;
        }
        return new Sum(sum, count);
    }

    private static double sorted(double[] q, double[] p) {
        double[] a = Arrays.copyOf(q, Math.max(q.length, p.length));
        double[] b = Arrays.copyOf(p, a.length);
        Arrays.sort(a);
        Arrays.sort(b);
        return IntStream.range(0, a.length)
                .mapToDouble(i -> Math.abs(a[i] - b[i]))
                .sum();
    }

    /** Per student's token. */
    Sum simpleCtkd(double temperature) {
        double sum = 0;
        List<int[]> shared = shared();
        for (int[][] group : groups()) {
            if (group[0].length == 1 && group[1].length == 1) {
                double[] student = studentLogits[group[1][0]];
                double[] teacher = teacherLogits[group[0][0]];
                sum += PlainMaths.kl(
                        shared.stream().mapToDouble(pair -> teacher[pair[1]]).toArray(),
                        shared.stream().mapToDouble(pair -> student[pair[0]]).toArray(),
                        temperature);
            }
        }
        return new Sum(sum, studentLogits.length);
    }

    /** Hybrid, with the matched share of the teacher's tokens as weight and β = ½. */
    Sum gold(double temperature) {
        double sum = 0;
        List<int[]> shared = shared();
        double matched = (double) shared.size() / words.teacher().size();
        List<int[][]> groups = groups();
        for (int[][] group : groups) {
            double[] q = merged(studentLogits, reply.tokens(), group[1], temperature);
            double[] p = merged(teacherLogits, reply.teacherTokens(), group[0], temperature);
            for (int[] pair : shared) {
                double a = Math.max(q[pair[0]], 1e-8);
                double b = Math.max(p[pair[1]], 1e-8);
                double middle = (a + b) / 2;
                sum += matched * (a * Math.log(a / middle) + b * Math.log(b / middle)) / 2;
                q[pair[0]] = 0;
                p[pair[1]] = 0;
            }
            sum += (1 - matched) * sorted(q, p);
        }
        return new Sum(sum, groups.size());
    }

    private static double[] merged(double[][] logits, int[] tokens, int[] group, double temperature) {
        double scale = 1;
        for (int i = 0; i + 1 < group.length; i++) {
            scale *= Math.max(probs(logits[group[i]], temperature)[tokens[group[i]]], 1e-8);
        }
        double factor = scale;
        return Arrays.stream(probs(logits[group[group.length - 1]], temperature))
                .map(p -> p * factor)
                .toArray();
    }

    private static double[] probs(double[] logits, double temperature) {
        return Arrays.stream(PlainMaths.logSoftmax(logits, temperature))
                .map(Math::exp)
                .toArray();
    }

    Sum mined(double temperature) {
        int[] partners = partners();
        double sum = 0;
        int count = 0;
        for (int row = 0; row < partners.length; row++) {
            double[] q = PlainMaths.logSoftmax(studentLogits[row], temperature);
            if (partners[row] >= 0) {
                double[] teacher = teacherLogits[partners[row]];
                double[] p = PlainMaths.logSoftmax(
                        shared().stream().mapToDouble(pair -> teacher[pair[1]]).toArray(), temperature);
                for (int k = 0; k < p.length; k++) {
                    sum += Math.exp(p[k]) * (p[k] - q[shared().get(k)[0]]);
                }
                count++;
            } else if (reply.isGold()) {
                sum -= q[reply.tokens()[row]];
                count++;
            }
        }
        return new Sum(sum, count);
    }

    /** The teacher's row of each of the student's, by recursion over the cheapest path. */
    private int[] partners() {
        int n = reply.teacherTokens().length - 1;
        int m = reply.tokens().length - 1;
        double[][] cost = new double[n + 1][m + 1];
        for (int i = 0; i <= n; i++) {
            for (int j = 0; j <= m; j++) {
                double before = i == 0 || j == 0
                        ? (i == j ? 0 : Double.POSITIVE_INFINITY)
                        : Math.min(cost[i - 1][j - 1], Math.min(cost[i - 1][j], cost[i][j - 1]));
                cost[i][j] = i == 0 || j == 0 ? before : before + edits(word(i, true), word(j, false));
            }
        }
        List<List<Integer>> found = new ArrayList<>();
        IntStream.rangeClosed(0, m).forEach(j -> found.add(new ArrayList<>()));
        int i = n;
        int j = m;
        while (i > 0 && j > 0) {
            found.get(j).add(i);
            double[] moves = {cost[i - 1][j - 1], cost[i - 1][j], cost[i][j - 1]};
            int move = moves[0] <= moves[1] && moves[0] <= moves[2] ? 0 : moves[1] <= moves[2] ? 1 : 2;
            i -= move == 2 ? 0 : 1;
            j -= move == 1 ? 0 : 1;
        }
        int[] rows = new int[m + 1];
        for (int row = 1; row <= m; row++) {
            boolean isOne = found.get(row).size() == 1;
            rows[row] = isOne && word(found.get(row).get(0), true).equals(word(row, false))
                    ? found.get(row).get(0)
                    : -1;
        }
        return rows;
    }

    private String word(int row, boolean isTeacher) {
        return isTeacher
                ? words.teacher().get(reply.teacherTokens()[row - 1])
                : words.student().get(reply.tokens()[row - 1]);
    }

    private static int edits(String a, String b) {
        if (a.isEmpty() || b.isEmpty()) {
            return a.length() + b.length();
        }
        int replaced = edits(a.substring(1), b.substring(1)) + (a.charAt(0) == b.charAt(0) ? 0 : 1);
        return Math.min(replaced, 1 + Math.min(edits(a.substring(1), b), edits(a, b.substring(1))));
    }
}
