// SPDX-License-Identifier: Apache-2.0
package reflux.learner.objective;

import java.util.List;
import reflux.learner.objective.Needs.Vocabularies;

/**
 * GOLD, TRL's general online logit distillation for any two vocabularies: (1 − r)·CE + r·distance of merged groups.
 *
 * <p>Deliberate differences from the published code: only its "bayesian" merge, on rows that predict the tokens; tokens match by
 * bytes, not by spelling; no last token is dropped; leftovers that cover different bytes are not compared; the denominator is the
 * number of groups in the step.
 *
 * @param temperature divides the logits of both sides
 * @param beta the teacher's weight in the generalised JSD
 * @param isHybrid whether shared tokens are compared by the JSD, and only the others sorted
 * @param matchedWeight of the JSD, the sorted distance weighs 1 − it; negative = the share of the teacher's tokens that are
 *     shared
 */
record Gold(
        double kdRatio,
        double labelSmoothing,
        double temperature,
        double beta,
        boolean isHybrid,
        double matchedWeight,
        GroupTerms groups)
        implements Objective {

    static Gold of(ObjectiveSettings keys) {
        if (!(keys.beta() >= 0 && keys.beta() <= 1)) {
            throw new IllegalArgumentException("learner.beta is " + keys.beta() + "; set a number from 0 to 1");
        }
        if (!(keys.uldMatchedWeight() == -1 || (keys.uldMatchedWeight() >= 0 && keys.uldMatchedWeight() <= 1))) {
            throw new IllegalArgumentException("learner.uld_matched_weight is " + keys.uldMatchedWeight()
                    + "; set a number from 0 to 1, or -1 for the share of the teacher's tokens that are matched");
        }
        return new Gold(
                keys.kdRatio(),
                keys.labelSmoothing(),
                keys.kdTemperature(),
                keys.beta(),
                keys.uldHybrid(),
                keys.uldMatchedWeight(),
                GroupTerms.of(keys));
    }

    @Override
    public String name() {
        return "gold";
    }

    @Override
    public Needs needs() {
        return Needs.hiddenStates(Vocabularies.ANY);
    }

    @Override
    public ObjectiveLoss open(LossSite site) {
        MeanTerm term = new GoldGroupsTerm(site, this);
        return groups.addedTo(
                new GoldLoss(site, 1 - kdRatio, labelSmoothing), List.of(new MeansLoss.Weighted(term, kdRatio)), site);
    }
}
