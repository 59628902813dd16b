// SPDX-License-Identifier: Apache-2.0
package reflux.learner.objective;

/**
 * Sinkhorn distillation (Cui et al. 2024, arXiv 2402.17110): beside token-wise distillation, the cost of moving the student's
 * distributions of a response onto the teacher's,
 *
 * <pre>
 * (1 − r)·CE(gold) + r·KD + weight · mean over blocks of Σ P∘W,   W_ij = Σ_v |q_i − p_j|
 * </pre>
 *
 * <p>where P is exp(−W/ε), its rows and then its columns scaled to sum 1, over and over. The gradient goes through all of that.
 * Published for the rows of a batch; here a block is the rows of one response, at most 128 in order, so that splitting a batch
 * changes nothing. Deliberate differences: computed in log space, where exp(−W/ε) may vanish; and the term is added, which the
 * published trainer never does. One vocabulary.
 *
 * @param tokens the other terms
 * @param temperature divides both logits before W
 * @param epsilon ε
 */
record Sinkd(SameTokens tokens, double temperature, double epsilon, int iterations, double weight)
        implements Objective {

    static Sinkd of(ObjectiveSettings keys) {
        ObjectiveSettings.require(
                keys.topKLogits() == 0,
                "top_k_logits",
                keys.topKLogits(),
                "set it to 0: sinkd compares rows with one another, which have other likeliest tokens");
        above0("sinkhorn_temperature", keys.sinkhornTemperature());
        above0("sinkhorn_epsilon", keys.sinkhornEpsilon());
        ObjectiveSettings.require(
                keys.sinkhornIterations() >= 1,
                "sinkhorn_iterations",
                keys.sinkhornIterations(),
                "set a whole number of at least 1");
        ObjectiveSettings.require(
                keys.sinkhornWeight() >= 0 && Double.isFinite(keys.sinkhornWeight()),
                "sinkhorn_weight",
                keys.sinkhornWeight(),
                "set a number that is not negative");
        return new Sinkd(
                SameTokens.of(keys, keys.divergence()),
                keys.sinkhornTemperature(),
                keys.sinkhornEpsilon(),
                keys.sinkhornIterations(),
                keys.sinkhornWeight());
    }

    private static void above0(String key, double value) {
        ObjectiveSettings.require(value > 0 && Double.isFinite(value), key, value, "set a number above 0");
    }

    @Override
    public String name() {
        return "sinkd";
    }

    @Override
    public Needs needs() {
        return tokens.needs();
    }

    @Override
    public ObjectiveLoss open(LossSite site) {
        return new SinkdLoss(this, site);
    }
}
