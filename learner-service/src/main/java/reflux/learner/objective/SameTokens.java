// SPDX-License-Identifier: Apache-2.0
package reflux.learner.objective;

import reflux.learner.loss.Comparison;
import reflux.learner.loss.Divergence;
import reflux.learner.loss.Support;
import reflux.learner.loss.Support.Rest;

/**
 * How an objective compares the distributions of one vocabulary.
 *
 * @param kdRatio r in (1 − r)·CE(gold) + r·KD
 * @param labelSmoothing of the cross-entropy
 * @param temperature divides both logits, not in the cross-entropy
 * @param askedTokens the likeliest tokens that the teacher is asked for, 0 = hidden states, and so all of them
 */
record SameTokens(
        double kdRatio,
        double labelSmoothing,
        Divergence divergence,
        Support support,
        double temperature,
        int askedTokens,
        Rest rest) {

    /** Reads all keys but the divergence's; IllegalArgumentException if they contradict. */
    static SameTokens of(ObjectiveSettings keys, Divergence divergence) {
        int asked = keys.topKLogits();
        boolean isBucket = keys.topKTail().equals("bucket");
        ObjectiveSettings.require(asked >= 0, "top_k_logits", asked, "set 0 for all tokens, or a number of tokens");
        ObjectiveSettings.require(
                isBucket || keys.topKTail().equals("renormalise"),
                "top_k_tail",
                "'" + keys.topKTail() + "'",
                "use bucket or renormalise");
        ObjectiveSettings.require(
                asked != 1 || isBucket,
                "top_k_tail",
                "'renormalise'",
                "use bucket: of one token every divergence is 0");
        ObjectiveSettings.require(
                asked == 0 || !isBucket || keys.kdTemperature() == 1,
                "kd_temperature",
                keys.kdTemperature(),
                "set it to 1, or top_k_tail to renormalise: how likely a teacher's other tokens are is known at 1 only");
        ObjectiveSettings.require(
                keys.topPSupport() > 0 && keys.topPSupport() <= 1,
                "top_p_support",
                keys.topPSupport(),
                "set a number above 0, and at most 1");
        ObjectiveSettings.require(
                asked == 0 || keys.topPSupport() == 1,
                "top_p_support",
                keys.topPSupport(),
                "set it to 1, or top_k_logits to 0");
        Rest rest = isBucket ? Rest.BUCKET : Rest.RENORMALISE;
        Support support = keys.topPSupport() < 1 ? new Support.TopP(keys.topPSupport(), rest) : new Support.Full();
        return new SameTokens(
                keys.kdRatio(), keys.labelSmoothing(), divergence, support, keys.kdTemperature(), asked, rest);
    }

    Needs needs() {
        return askedTokens == 0 ? Needs.hiddenStates(Needs.Vocabularies.SAME) : Needs.topK(askedTokens);
    }

    /** (1 − r)·CE(gold) + r·KD as a loss. */
    ObjectiveLoss open(LossSite site) {
        Comparison comparison = Comparison.load(site.engine(), divergence, support, temperature);
        RowDistance distance =
                askedTokens == 0 ? new LogitDistance(site, comparison) : new TopTokenDistance(comparison, rest);
        return new SameTokensLoss(site, kdRatio, labelSmoothing, distance);
    }
}
