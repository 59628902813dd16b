// SPDX-License-Identifier: Apache-2.0
package reflux.learner.objective;

import reflux.learner.objective.Needs.Vocabularies;
import reflux.learner.policy.Credit;
import reflux.learner.policy.PpoClip;
import reflux.learner.policy.Rewards;
import reflux.learner.policy.Whitening;

/**
 * Policy gradients of the reverse KL, for one vocabulary: {@code minillm} (arXiv 2306.08543) with whitened returns and the exact
 * KL of each position, and {@code iw-opd}, which weighs each token's own reward by how far the student has strayed before it.
 *
 * @param hasSingleStep whether the exact reverse KL of each position is added; without it the teacher sends one number a token
 * @param kdRatio r in (1 − r)·CE(gold) + r·(pg + single_step)
 * @param temperature divides both logits in the single-step term; rewards are at temperature 1, as samplers report
 */
record MiniLlm(
        String name,
        boolean hasSingleStep,
        double kdRatio,
        double temperature,
        Rewards rewards,
        Credit credit,
        Whitening whitening,
        PpoClip clip,
        double labelSmoothing)
        implements Objective {

    static MiniLlm minillm(ObjectiveSettings keys) {
        return new MiniLlm(
                "minillm",
                keys.singleStep(),
                keys.kdRatio(),
                keys.kdTemperature(),
                rewards(keys),
                new Credit.Returns(share("gamma", keys.gamma()), keys.lengthNorm()),
                Whitening.named(keys.whitening()),
                clip(keys),
                keys.labelSmoothing());
    }

    static MiniLlm iwOpd(ObjectiveSettings keys) {
        return new MiniLlm(
                "iw-opd",
                false,
                keys.kdRatio(),
                keys.kdTemperature(),
                rewards(keys),
                new Credit.PrefixWeighted(share("gamma", keys.gamma())),
                Whitening.NONE,
                clip(keys),
                keys.labelSmoothing());
    }

    private static Rewards rewards(ObjectiveSettings keys) {
        return new Rewards(
                positive("reward_scaling", keys.rewardScaling()), positive("cliprange_reward", keys.cliprangeReward()));
    }

    private static PpoClip clip(ObjectiveSettings keys) {
        require(
                keys.importanceClip() >= 1,
                "importance_clip",
                keys.importanceClip(),
                "set a number of at least 1, or .inf to cut nothing");
        return new PpoClip(positive("cliprange", keys.cliprange()), keys.importanceClip());
    }

    private static double positive(String key, double value) {
        require(value > 0, key, value, "set a number above 0");
        return value;
    }

    private static double share(String key, double value) {
        require(value >= 0 && value <= 1, key, value, "set a number from 0 to 1");
        return value;
    }

    private static void require(boolean holds, String key, double value, String remedy) {
        if (!holds) {
            throw new IllegalArgumentException("learner." + key + " is " + value + "; " + remedy);
        }
    }

    @Override
    public Needs needs() {
        return hasSingleStep ? Needs.hiddenStates(Vocabularies.SAME) : Needs.sampledLogProb();
    }

    @Override
    public boolean weighsSamples() {
        return true;
    }

    @Override
    public ObjectiveLoss open(LossSite site) {
        return new MiniLlmLoss(this, site);
    }
}
