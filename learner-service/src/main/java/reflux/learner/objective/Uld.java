// SPDX-License-Identifier: Apache-2.0
package reflux.learner.objective;

import java.util.List;
import reflux.learner.objective.Needs.Vocabularies;

/**
 * Universal logit distillation: (1 − r)·CE + r·w·ULD. Any two vocabularies; tokens are never matched, only the shapes of the
 * distributions.
 *
 * <p>Deliberate differences from the published code: the denominator is the number of compared rows in the step, not a mean of
 * samples' means; rows are paired by text unless the published positions are asked for; the end of sequence counts like any token
 * on both sides.
 */
record Uld(double kdRatio, double labelSmoothing, double weight, UldTerm.Pairing pairing, GroupTerms groups)
        implements Objective {

    static Uld of(ObjectiveSettings keys) {
        UldTerm.Pairing pairing =
                switch (keys.uldAlignment()) {
                    case "text" -> UldTerm.Pairing.TEXT;
                    case "positional" -> UldTerm.Pairing.POSITIONAL;
                    default ->
                        throw new IllegalArgumentException(
                                "learner.uld_alignment is '" + keys.uldAlignment() + "'; use text or positional");
                };
        if (!(keys.uldWeight() >= 0)) {
            throw new IllegalArgumentException(
                    "learner.uld_weight is " + keys.uldWeight() + "; set a number from 0 on");
        }
        return new Uld(keys.kdRatio(), keys.labelSmoothing(), keys.uldWeight(), pairing, GroupTerms.of(keys));
    }

    @Override
    public String name() {
        return "uld";
    }

    @Override
    public Needs needs() {
        return Needs.hiddenStates(Vocabularies.ANY);
    }

    @Override
    public ObjectiveLoss open(LossSite site) {
        MeanTerm term = new UldTerm(site, pairing);
        return groups.addedTo(
                new GoldLoss(site, 1 - kdRatio, labelSmoothing),
                List.of(new MeansLoss.Weighted(term, kdRatio * weight)),
                site);
    }
}
