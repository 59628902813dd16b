// SPDX-License-Identifier: Apache-2.0
package reflux.learner.objective;

import java.util.List;
import java.util.stream.IntStream;
import reflux.learner.loss.Chunk;
import reflux.learner.loss.Term;
import reflux.model.engine.Engine;
import reflux.model.engine.Scope;
import reflux.model.engine.Script;
import reflux.model.engine.Tensor;
import reflux.model.text.TokenIds;

/**
 * Cross-entropy of the student with gold tokens, Σ over gold rows of −Σ_v t_v ln q_v over their number, with t = 1 − ε at the
 * gold token and ε/(V − 1) at each other. No temperature. The part that objectives share.
 */
final class GoldCrossEntropy implements AutoCloseable {
    private static final String COUNT = "gold";
    private static final int CHUNK_ROWS = 1024;

    private final Script script;
    private final Scope scope;
    private final double smoothing;

    /** @param smoothing ε in [0, 1) */
    GoldCrossEntropy(Engine engine, double smoothing) {
        this.script = Script.load(engine, GoldCrossEntropy.class, "gold.py");
        this.scope = engine.scope().child();
        this.smoothing = smoothing;
    }

    /** The number of gold rows. */
    Tally tally(LossBatch batch) {
        return Tally.of(COUNT, rows(batch.goldIds()).length);
    }

    /** Pushes {@code weight} times the mean's gradient; the term {@code ce}. Nothing at weight 0. */
    Terms evaluate(StudentPass student, LossBatch batch, Tally step, double weight) {
        double share = step.share(weight, COUNT);
        if (share == 0) {
            return Terms.NONE;
        }
        TokenIds gold = batch.goldIds();
        int[] rows = rows(gold);
        double sum = 0;
        for (Chunk chunk : Chunk.of(rows.length, CHUNK_ROWS)) {
            try (Scope each = scope.child()) {
                int[] cut = chunk.cut(rows);
                int[] ids = IntStream.of(cut).map(gold::get).toArray();
                Tensor logits_CV = student.logits(each, cut);
                List<Tensor> found =
                        script.callAll(each, "cross_entropy", logits_CV, each.ints(ids, ids.length), smoothing, share);
                sum += found.get(0).item();
                student.push(cut, found.get(1));
            }
        }
        return Terms.of("ce", new Term(sum, rows.length), sum * share);
    }

    private static int[] rows(TokenIds gold) {
        return IntStream.range(0, gold.size()).filter(row -> gold.get(row) >= 0).toArray();
    }

    @Override
    public void close() {
        scope.close();
        script.close();
    }
}
