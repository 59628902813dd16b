// SPDX-License-Identifier: Apache-2.0
package reflux.learner.objective;

import java.util.Arrays;
import java.util.List;

/**
 * The scored tokens of a micro-batch, one after another, column by column. Given tokens have no sampler: their numbers are 0.
 * Confined to the loss that fills it.
 */
final class VisitedTokens {
    /** Student's rows that predict them. */
    final int[] studentRows;
    /** Teacher's rows that predict them. */
    final int[] teacherRows;

    final int[] ids;
    /** Whether the student sampled it. */
    final boolean[] isSampled;
    /** ln p of the teacher. */
    final double[] teacher;
    /** ln q under the policy that sampled it. */
    final double[] old;
    /** ln of the probability under what it was drawn from. */
    final double[] behaviour;
    /** What it is credited with, before whitening. */
    final double[] credit;

    private VisitedTokens(int size) {
        this.studentRows = new int[size];
        this.teacherRows = new int[size];
        this.ids = new int[size];
        this.isSampled = new boolean[size];
        this.teacher = new double[size];
        this.old = new double[size];
        this.behaviour = new double[size];
        this.credit = new double[size];
    }

    /**
     * Rows, ids and samplers of scored responses; the other columns are filled by the caller.
     *
     * @throws IllegalStateException if the teacher has other tokens
     */
    static VisitedTokens of(List<Response> scored) {
        VisitedTokens tokens = new VisitedTokens(
                scored.stream().mapToInt(response -> response.tokens().size()).sum());
        int start = 0;
        for (Response response : scored) {
            tokens.fill(response, response.score().orElseThrow(), start);
            start += response.tokens().size();
        }
        return tokens;
    }

    private void fill(Response response, Response.Scored score, int start) {
        if (!score.isSameTokens()) {
            throw new IllegalStateException("response " + response.id() + " has other tokens at the teacher than at the"
                    + " student: a policy gradient needs one vocabulary");
        }
        Floats from = response.behaviourLogProbs().isEmpty() ? response.logProbs() : response.behaviourLogProbs();
        int size = response.tokens().size();
        Arrays.fill(isSampled, start, start + size, !response.logProbs().isEmpty());
        for (int t = 0; t < size; t++) {
            studentRows[start + t] = response.studentRow() + t;
            teacherRows[start + t] = score.teacherRow() + t;
            ids[start + t] = response.tokens().get(t);
            if (isSampled[start + t]) {
                old[start + t] = response.logProbs().get(t);
                behaviour[start + t] = from.get(t);
            }
        }
    }

    int size() {
        return ids.length;
    }
}
