// SPDX-License-Identifier: Apache-2.0
package reflux.learner.objective;

import java.util.Arrays;
import reflux.learner.loss.Chunk;
import reflux.learner.loss.Compared;
import reflux.learner.loss.RowPairs;
import reflux.learner.loss.Term;
import reflux.model.engine.Scope;
import reflux.model.engine.Tensor;
import reflux.model.text.Vocabulary;

/**
 * (1 − r)·CE(gold) + r·KD where both sides have the same tokens: CE is the mean over gold rows, KD over all rows of both sides that
 * predict the same token, each over the whole step.
 */
final class SameTokensLoss implements ObjectiveLoss {
    private static final String PAIRS = "pairs";
    private static final int CHUNK_ROWS = 1024;

    private final double kdRatio;
    private final GoldCrossEntropy gold;
    private final RowDistance distance;
    private final Scope scope;

    /** @param distance is closed with the loss */
    SameTokensLoss(LossSite site, double kdRatio, double labelSmoothing, RowDistance distance) {
        requireSameIds(site.teacher(), site.student());
        this.kdRatio = kdRatio;
        this.gold = new GoldCrossEntropy(site.engine(), labelSmoothing);
        this.distance = distance;
        this.scope = site.engine().scope().child();
    }

    /** Heads and vocabularies may end differently, but an id that both have must mean the same. */
    private static void requireSameIds(Vocabulary teacher, Vocabulary student) {
        if (teacher.fingerprint().equals(student.fingerprint())) {
            return;
        }
        for (int id = 0; id < Math.min(teacher.size(), student.size()); id++) {
            if (teacher.kind(id) != student.kind(id) || !Arrays.equals(teacher.bytes(id), student.bytes(id))) {
                throw new IllegalArgumentException("the objective needs one vocabulary, but token " + id
                        + " is not the same at teacher and student; use dskd-v2");
            }
        }
    }

    @Override
    public Prepared prepare(LossBatch batch) {
        Tally tally = gold.tally(batch).and(PAIRS, batch.pairs().size());
        return new CountedBatch(tally, this::evaluate);
    }

    private Terms evaluate(StudentPass student, LossBatch batch, Tally step) {
        Terms terms = gold.evaluate(student, batch, step, 1 - kdRatio);
        double share = step.share(kdRatio, PAIRS);
        if (share == 0) {
            return terms;
        }
        RowPairs pairs = batch.pairs();
        int[] studentRows = pairs.studentRows();
        int[] teacherRows = pairs.teacherRows();
        double sum = 0;
        for (Chunk chunk : Chunk.of(pairs.size(), CHUNK_ROWS)) {
            try (Scope each = scope.child()) {
                int[] rows = chunk.cut(studentRows);
                Tensor logits_CV = student.logits(each, rows);
                Compared compared = distance.compare(each, batch, logits_CV, chunk.cut(teacherRows), share);
                sum += compared.sum();
                student.push(rows, compared.gradient_CV());
            }
        }
        return terms.plus(Terms.of(distance.term(), new Term(sum, pairs.size()), sum * share));
    }

    @Override
    public void close() {
        scope.close();
        gold.close();
        distance.close();
    }
}
