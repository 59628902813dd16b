// SPDX-License-Identifier: Apache-2.0
package reflux.learner.objective;

import reflux.learner.loss.GeneralisedJsd;

/**
 * Generalised knowledge distillation (Agarwal et al. 2024, arXiv 2306.13649): the generalised JSD of {@code beta} as in TRL,
 * mostly on the student's own samples; which responses are trained is {@code lmbda}'s and {@code seq_kd}'s. One vocabulary.
 * Deliberate differences from TRL: the temperature divides the logits of the loss too, and the mean is over the tokens that
 * are trained, never over those of the data set.
 */
record Gkd(SameTokens tokens) implements Objective {

    Gkd(ObjectiveSettings keys) {
        this(SameTokens.of(keys, divergence(keys)));
    }

    private static GeneralisedJsd divergence(ObjectiveSettings keys) {
        ObjectiveSettings.require(
                keys.beta() >= 0 && keys.beta() <= 1,
                "beta",
                keys.beta(),
                "set a number from 0, the forward KL, to 1, the reverse KL");
        return new GeneralisedJsd(keys.beta());
    }

    @Override
    public String name() {
        return "gkd";
    }

    @Override
    public Needs needs() {
        return tokens.needs();
    }

    @Override
    public ObjectiveLoss open(LossSite site) {
        return tokens.open(site);
    }
}
