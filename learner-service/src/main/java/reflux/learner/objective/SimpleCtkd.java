// SPDX-License-Identifier: Apache-2.0
package reflux.learner.objective;

import java.util.List;
import reflux.learner.loss.Divergence;
import reflux.learner.loss.DivergenceNumbers;
import reflux.learner.objective.Needs.Vocabularies;

/**
 * KDFlow's simple cross-tokenizer distillation: (1 − r)·CE + r·Σ over exact pairs of the divergence between the two
 * distributions over the shared tokens, per student's token. What either side holds outside of them is not seen.
 */
record SimpleCtkd(double kdRatio, double labelSmoothing, double temperature, Divergence divergence, GroupTerms groups)
        implements Objective {

    static SimpleCtkd of(ObjectiveSettings keys) {
        DivergenceNumbers numbers = new DivergenceNumbers(keys.beta(), keys.skewLambda(), keys.adaptiveAlpha());
        return new SimpleCtkd(
                keys.kdRatio(),
                keys.labelSmoothing(),
                keys.kdTemperature(),
                Divergence.named(keys.kdLossFn(), numbers),
                GroupTerms.of(keys));
    }

    @Override
    public String name() {
        return "simple-ctkd";
    }

    @Override
    public Needs needs() {
        return Needs.hiddenStates(Vocabularies.ANY);
    }

    @Override
    public ObjectiveLoss open(LossSite site) {
        MeanTerm term = new SharedTokensTerm(site, this);
        return groups.addedTo(
                new GoldLoss(site, 1 - kdRatio, labelSmoothing), List.of(new MeansLoss.Weighted(term, kdRatio)), site);
    }
}
