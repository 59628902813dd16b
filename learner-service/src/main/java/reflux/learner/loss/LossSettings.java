// SPDX-License-Identifier: Apache-2.0
package reflux.learner.loss;

import java.util.List;

/**
 * What the dual-space loss is made of: {@code (1 − kdRatio) ce + kdRatio (t2s_kd + t2s_ce + s2t_kd)}.
 *
 * @param kdRatio weight of distillation in [0, 1]; 1 = no cross-entropy with gold ids
 * @param temperature divides the logits of both sides in t2s_kd and s2t_kd, not in the cross-entropies
 * @param divergence of t2s_kd and s2t_kd
 * @param spaces which terms there are
 * @param agreementThreshold t2s_kd counts only tokens where the projected teacher predicts what the teacher does, as long as
 *     their share is at most this; 1 = always, a negative number = never
 * @param chunkRows rows whose logits exist at a time; {@link #CHUNKS_BY_SIZE}: as the vocabularies' sizes suggest
 */
public record LossSettings(
        double kdRatio,
        double temperature,
        Divergence divergence,
        Spaces spaces,
        double agreementThreshold,
        int chunkRows) {
    public static final int CHUNKS_BY_SIZE = 0;

    public LossSettings {
        if (!(kdRatio >= 0 && kdRatio <= 1)) {
            throw new IllegalArgumentException("kdRatio must be in [0, 1], was " + kdRatio);
        }
        if (!(temperature > 0 && temperature < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("temperature must be > 0, was " + temperature);
        }
        if (Double.isNaN(agreementThreshold)) {
            throw new IllegalArgumentException("agreementThreshold must be a number");
        }
        if (chunkRows < 0) {
            throw new IllegalArgumentException("chunkRows must be >= 0, was " + chunkRows);
        }
    }

    /** Both spaces, agreement masking as published, chunks by size. */
    public static LossSettings of(double kdRatio, double temperature, Divergence divergence) {
        return new LossSettings(kdRatio, temperature, divergence, Spaces.BOTH, 1, CHUNKS_BY_SIZE);
    }

    /** Runs of rows whose logits exist at a time; of larger ones if they are so few that they are kept. */
    List<Chunk> chunks(int rows, Heads heads, boolean isKept) {
        long columns = Math.max(heads.student_Vd().size(0), heads.teacher_WD().size(0));
        if (chunkRows != CHUNKS_BY_SIZE) {
            return Chunk.of(rows, chunkRows);
        }
        return isKept ? Chunk.ofFewLogits(rows, columns) : Chunk.ofLogits(rows, columns);
    }

    /** What a micro-batch's terms add to the loss of the step whose counts are {@code step}. */
    public double share(LossTerms terms, TermCounts step) {
        TermWeights weights = TermWeights.of(this, step);
        return terms.ce().numerator() * weights.ce()
                + terms.t2sCe().numerator() * weights.t2sCe()
                + terms.t2sKd().numerator() * weights.t2sKd()
                + terms.s2tKd().numerator() * weights.s2tKd();
    }
}
