// SPDX-License-Identifier: Apache-2.0
package reflux.learner.align;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.function.IntBinaryOperator;

/**
 * The cheapest monotone path through all tokens of both sides (dynamic time warping): D(i, j) = cost(i, j) + the least of
 * D(i − 1, j − 1), D(i − 1, j) and D(i, j − 1), followed back from the end; of equal ones the first of these three.
 *
 * @param path pairs from the first to the last, each token in at least one
 * @param cost sum over the path
 */
record TimeWarp(List<TokenPair> path, long cost) {
    private static final int FAR = Integer.MAX_VALUE / 2;

    TimeWarp {
        path = List.copyOf(path);
    }

    /** The path through {@code teacher} and {@code student} tokens; empty if a side is. O(teacher · student). */
    static TimeWarp of(int teacher, int student, IntBinaryOperator cost) {
        if (teacher == 0 || student == 0) {
            return new TimeWarp(List.of(), 0);
        }
        int[][] costs = new int[teacher + 1][student + 1];
        Arrays.fill(costs[0], FAR);
        costs[0][0] = 0;
        for (int i = 1; i <= teacher; i++) {
            costs[i][0] = FAR;
            for (int j = 1; j <= student; j++) {
                int before = Math.min(costs[i - 1][j - 1], Math.min(costs[i - 1][j], costs[i][j - 1]));
                costs[i][j] = before + cost.applyAsInt(i - 1, j - 1);
            }
        }
        return new TimeWarp(back(costs, teacher, student), costs[teacher][student]);
    }

    private static List<TokenPair> back(int[][] costs, int teacher, int student) {
        Deque<TokenPair> path = new ArrayDeque<>();
        int i = teacher;
        int j = student;
        while (i > 0 && j > 0) {
            path.addFirst(new TokenPair(i - 1, j - 1));
            int diagonal = costs[i - 1][j - 1];
            int up = costs[i - 1][j];
            int left = costs[i][j - 1];
            if (diagonal <= up && diagonal <= left) {
                i--;
                j--;
            } else if (up <= left) {
                i--;
            } else {
                j--;
            }
        }
        return List.copyOf(path);
    }
}
