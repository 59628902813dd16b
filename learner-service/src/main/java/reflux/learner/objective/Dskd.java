// SPDX-License-Identifier: Apache-2.0
package reflux.learner.objective;

import java.util.Random;
import reflux.learner.loss.Divergence;
import reflux.learner.objective.Needs.Vocabularies;

/**
 * Dual-space distillation with trained projectors: DSKD, the first version (arXiv 2406.17328). Two objectives: {@code dskd} where
 * teacher and student have the same tokens, {@code dskd-cma} with cross-model attention for any two vocabularies.
 *
 * @param isAttentive whether it is dskd-cma
 * @param kdRatio r in (1 − r)·CE(gold) + r·(t2s_ce + t2s_kd + s2t_kd)
 * @param temperature divides the logits in t2s_kd and s2t_kd, not in the cross-entropies
 * @param divergence of t2s_kd; s2t_kd is always forward KL, as published
 */
record Dskd(boolean isAttentive, double kdRatio, double temperature, Divergence divergence, double labelSmoothing)
        implements Objective {
    /** Where the projectors' first numbers come from; the same for all runs. */
    private static final long SEED = 2406_17328;

    static Dskd of(ObjectiveSettings keys) {
        if (keys.onlyStudentSpace() || keys.onlyTeacherSpace()) {
            throw new IllegalArgumentException(
                    "learner." + (keys.onlyStudentSpace() ? "only_student_space" : "only_teacher_space")
                            + " is true; it belongs to dskd-v2, leave it out for " + keys.objective());
        }
        return new Dskd(
                keys.objective().equals("dskd-cma"),
                keys.kdRatio(),
                keys.kdTemperature(),
                keys.divergence(),
                keys.labelSmoothing());
    }

    @Override
    public String name() {
        return isAttentive ? "dskd-cma" : "dskd";
    }

    @Override
    public Needs needs() {
        return isAttentive
                ? Needs.hiddenStates(Vocabularies.ANY).withTeacherEmbeddings()
                : Needs.hiddenStates(Vocabularies.SAME);
    }

    @Override
    public ObjectiveLoss open(LossSite site) {
        Random random = new Random(SEED);
        return new DskdLoss(this, site, isAttentive ? new CrossAttention(site, random) : new RowCrossing(site, random));
    }
}
