// SPDX-License-Identifier: Apache-2.0
package reflux.learner.objective;

import static java.util.Objects.requireNonNull;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import reflux.learner.ledger.ScoreTensor;
import reflux.learner.loss.Compared;
import reflux.learner.loss.Comparison;
import reflux.learner.loss.Support;
import reflux.learner.loss.TopTokens;
import reflux.model.engine.Scope;
import reflux.model.engine.Tensor;

/** A divergence from the k likeliest tokens that the teacher sent, and from the rest. Closes the comparison. */
record TopTokenDistance(Comparison comparison, Support.Rest rest) implements RowDistance {

    @Override
    public String term() {
        return "kd";
    }

    @Override
    public Compared compare(Scope out, LossBatch batch, Tensor student_CV, int[] teacherRows, double weight) {
        return comparison.compare(out, student_CV, tokens(out, batch, teacherRows), rest, weight);
    }

    private static TopTokens tokens(Scope out, LossBatch batch, int[] teacherRows) {
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
        return new TopTokens(
                out.ints(ids, others.length, k),
                out.floats(logProbs, others.length, k),
                out.floats(others, others.length, 1));
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
