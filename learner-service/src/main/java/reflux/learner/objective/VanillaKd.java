// SPDX-License-Identifier: Apache-2.0
package reflux.learner.objective;

/** Knowledge distillation token by token, with any divergence: (1 − r)·CE(gold) + r·KD. One vocabulary. */
record VanillaKd(SameTokens tokens) implements Objective {

    VanillaKd(ObjectiveSettings keys) {
        this(SameTokens.of(keys, keys.divergence()));
    }

    @Override
    public String name() {
        return "vanilla-kd";
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
