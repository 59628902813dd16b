// SPDX-License-Identifier: Apache-2.0
package reflux.learner.objective;

import java.util.List;
import reflux.learner.objective.Needs.Vocabularies;

/**
 * MinED (FuseLLM's token alignment, as in DSKD): (1 − r)·CE + r·forward KL from the teacher's logits, moved to the student's
 * tokens, in the rows that {@link reflux.learner.align.EditAlignment} pairs.
 *
 * <p>As published, a row of a given response without a partner learns its token alone, at the temperature. Deliberate
 * differences: a sampled response has no right tokens, so its rows without a partner are left out; tokens match by bytes; the
 * denominator is the number of rows that count in the step.
 *
 * @param temperature divides the logits of both sides
 */
record Mined(double kdRatio, double labelSmoothing, double temperature, GroupTerms groups) implements Objective {

    static Mined of(ObjectiveSettings keys) {
        return new Mined(keys.kdRatio(), keys.labelSmoothing(), keys.kdTemperature(), GroupTerms.of(keys));
    }

    @Override
    public String name() {
        return "mined";
    }

    @Override
    public Needs needs() {
        return Needs.hiddenStates(Vocabularies.ANY);
    }

    @Override
    public ObjectiveLoss open(LossSite site) {
        MeanTerm term = new MinedTerm(site, temperature);
        return groups.addedTo(
                new GoldLoss(site, 1 - kdRatio, labelSmoothing), List.of(new MeansLoss.Weighted(term, kdRatio)), site);
    }
}
