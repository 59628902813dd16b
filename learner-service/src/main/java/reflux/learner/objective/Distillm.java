// SPDX-License-Identifier: Apache-2.0
package reflux.learner.objective;

import reflux.learner.loss.Divergence;
import reflux.learner.loss.ForwardKl;
import reflux.learner.loss.ReverseKl;
import reflux.learner.loss.SkewedForwardKl;
import reflux.learner.loss.SkewedReverseKl;

/**
 * DistiLLM (Ko et al. 2024, arXiv 2402.03898): a skewed KL on responses that grow from the data set's to the student's own and
 * are trained again; which responses are trained is {@code adaptive_threshold}'s and {@code replay_ratio}'s. A {@code kd_loss_fn}
 * of forward_kl or reverse_kl is skewed by {@code skew_lambda} here. One vocabulary. Deliberate differences from the published
 * code: temperature, and the mean over the whole step and not of each micro-batch.
 */
record Distillm(SameTokens tokens) implements Objective {

    Distillm(ObjectiveSettings keys) {
        this(SameTokens.of(keys, skewed(keys)));
    }

    private static Divergence skewed(ObjectiveSettings keys) {
        Divergence named = keys.divergence();
        ObjectiveSettings.require(
                keys.skewLambda() >= 0 && keys.skewLambda() < 1,
                "skew_lambda",
                keys.skewLambda(),
                "set a number from 0 to below 1");
        if (named instanceof ForwardKl) {
            return new SkewedForwardKl(keys.skewLambda());
        }
        return named instanceof ReverseKl ? new SkewedReverseKl(keys.skewLambda()) : named;
    }

    @Override
    public String name() {
        return "distillm";
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
