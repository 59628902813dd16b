// SPDX-License-Identifier: Apache-2.0
package reflux.learner.objective;

import java.util.ArrayList;
import java.util.List;

/**
 * What is trained on the tokens that do not pair, beside a cross-tokenizer objective: r·w·(group_likelihood + group_prefix).
 *
 * @param weight r·w
 * @param temperature divides both sides' logits in the prefix term
 */
record GroupTerms(boolean hasLikelihood, boolean hasPrefix, double weight, double temperature) {

    /** Throws IllegalArgumentException if {@code group_loss} or {@code group_weight} has no meaning. */
    static GroupTerms of(ObjectiveSettings keys) {
        if (!List.of("none", "likelihood", "prefix", "both").contains(keys.groupLoss())) {
            throw new IllegalArgumentException(
                    "learner.group_loss is '" + keys.groupLoss() + "'; use none, likelihood, prefix or both");
        }
        if (!(keys.groupWeight() >= 0 && keys.groupWeight() < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(
                    "learner.group_weight is " + keys.groupWeight() + "; set a number from 0 on");
        }
        if (!keys.groupLoss().equals("none") && keys.alignment().equals("published")) {
            throw new IllegalArgumentException("learner.group_loss is '" + keys.groupLoss()
                    + "'; the published alignment makes no groups, set none or alignment: bytes");
        }
        boolean isBoth = keys.groupLoss().equals("both");
        return new GroupTerms(
                isBoth || keys.groupLoss().equals("likelihood"),
                isBoth || keys.groupLoss().equals("prefix"),
                keys.kdRatio() * keys.groupWeight(),
                keys.kdTemperature());
    }

    /** The loss with these terms added; the loss itself if there are none. */
    ObjectiveLoss addedTo(ObjectiveLoss base, LossSite site) {
        return hasLikelihood || hasPrefix ? addedTo(base, List.of(), site) : base;
    }

    /** The loss with other means and these terms added. */
    ObjectiveLoss addedTo(ObjectiveLoss base, List<MeansLoss.Weighted> means, LossSite site) {
        List<MeansLoss.Weighted> all = new ArrayList<>(means);
        if (hasLikelihood) {
            all.add(new MeansLoss.Weighted(new GroupLikelihoodTerm(site), weight));
        }
        if (hasPrefix) {
            all.add(new MeansLoss.Weighted(new GroupPrefixTerm(site, temperature), weight));
        }
        return new MeansLoss(base, all);
    }
}
