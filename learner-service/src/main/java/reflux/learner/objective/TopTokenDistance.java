// SPDX-License-Identifier: Apache-2.0
package reflux.learner.objective;

import static java.util.Objects.requireNonNull;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.Arrays;
import reflux.learner.ledger.ScoreTensor;
import reflux.learner.loss.Compared;
import reflux.learner.loss.Comparison;
import reflux.learner.loss.Support;
import reflux.learner.loss.TopTokens;
import reflux.model.engine.Scope;
import reflux.model.engine.Tensor;

/**
 * A divergence from the k likeliest tokens that the teacher sent, and from the rest. Tokens beyond the student's vocabulary (the
 * teacher's may have more of them at its end) are left out, as if the teacher had none of them. Closes the comparison.
 */
record TopTokenDistance(Comparison comparison, Support.Rest rest) implements RowDistance {

    @Override
    public String term() {
        return "kd";
    }

    @Override
    public Compared compare(Scope out, LossBatch batch, Tensor student_CV, int[] teacherRows, double weight) {
        return comparison.compare(
                out, student_CV, tokens(out, batch, teacherRows, (int) student_CV.size(1)), rest, weight);
    }

    private TopTokens tokens(Scope out, LossBatch batch, int[] teacherRows, int vocabulary) {
        ScoredRows scored = ScoredRows.of(batch);
        int k = tensor(score(scored, teacherRows[0]), ScoreTensor.TOP_IDS).width();
        int[] ids = new int[teacherRows.length * k];
        float[] logProbs = new float[teacherRows.length * k];
        float[] others = new float[teacherRows.length];
        for (int i = 0; i < teacherRows.length; i++) {
            Response.Scored score = score(scored, teacherRows[i]);
            int row = teacherRows[i] - score.teacherRow();
            ints(score, ScoreTensor.TOP_IDS).get(row * k, ids, i * k, k);
            floats(score, ScoreTensor.TOP_LOG_PROBS).get(row * k, logProbs, i * k, k);
            others[i] = floats(score, ScoreTensor.TAIL_LOG_MASS).get(row);
        }
        for (int i = 0; i < others.length; i++) {
            others[i] -= leaveOut(vocabulary, ids, logProbs, i * k, k, rest);
        }
        return new TopTokens(
                out.ints(ids, others.length, k),
                out.floats(logProbs, others.length, k),
                out.floats(others, others.length, 1));
    }

    /** Of one row, at {@code from}, the ids below {@code vocabulary}, scaled; returns the log of the mass that was kept. */
    static float leaveOut(int vocabulary, int[] ids, float[] logProbs, int from, int k, Support.Rest rest) {
        int kept = from;
        double dropped = 0;
        for (int i = from; i < from + k; i++) {
            if (ids[i] < vocabulary) {
                ids[kept] = ids[i];
                logProbs[kept++] = logProbs[i];
            } else {
                dropped += Math.exp(logProbs[i]);
            }
        }
        if (kept == from + k) {
            return 0;
        }
        float mass = (float) Math.log1p(-Math.min(dropped, 1 - 1e-6));
        if (kept == from) { // one token that says nothing: never the teacher's, or the only one
            ids[kept] = 0;
            logProbs[kept++] = rest == Support.Rest.BUCKET ? Float.NEGATIVE_INFINITY : 0;
        }
        for (int i = from; i < kept; i++) {
            logProbs[i] -= mass;
        }
        Arrays.fill(ids, kept, from + k, -1);
        return mass;
    }

    private static Response.Scored score(ScoredRows scored, int teacherRow) {
        return scored.at(teacherRow).score().orElseThrow();
    }

    private static IntBuffer ints(Response.Scored score, String name) {
        return values(score, name).asIntBuffer();
    }

    private static FloatBuffer floats(Response.Scored score, String name) {
        return values(score, name).asFloatBuffer();
    }

    private static ByteBuffer values(Response.Scored score, String name) {
        return tensor(score, name).values().duplicate().order(ByteOrder.LITTLE_ENDIAN);
    }

    private static ScoreTensor tensor(Response.Scored score, String name) {
        return requireNonNull(score.tensors().get(name), name);
    }

    @Override
    public void close() {
        comparison.close();
    }
}
