// SPDX-License-Identifier: Apache-2.0
package reflux.learner.objective;

import java.util.Map;
import reflux.learner.loss.Term;
import reflux.learner.policy.KlEstimate;
import reflux.learner.policy.PpoClip;

/** Adds up what a policy gradient says of its sampled tokens. */
final class PolicySums {
    private long tokens;
    private double surrogate;
    private double reward;
    private double reverseKl;
    private double weights;
    private double squares;
    private double stopped;
    private double drift;

    /**
     * Adds one token.
     *
     * @param teacher ln p
     * @param old ln q of the policy that sampled it
     * @param live ln q of the policy that is trained
     */
    void add(PpoClip.Move move, double teacher, double old, double live) {
        tokens++;
        surrogate += move.value();
        reward += teacher - old;
        reverseKl += KlEstimate.k3(teacher - old);
        weights += move.weight();
        squares += move.weight() * move.weight();
        stopped += move.slope() == 0 ? 1 : 0;
        drift += KlEstimate.k3(live - old);
    }

    /**
     * {@code pg} is the surrogate; {@code reverse_kl_k3} estimates KL(sampler‖teacher), {@code drift_k3} KL(sampler‖student);
     * {@code stopped} is the share of tokens without gradient.
     *
     * @param share of the step's loss that a token's surrogate has
     */
    Terms terms(double share) {
        return new Terms(
                Map.of(
                        "pg",
                        new Term(surrogate, tokens),
                        "reward",
                        new Term(reward, tokens),
                        "reverse_kl_k3",
                        new Term(reverseKl, tokens),
                        "drift_k3",
                        new Term(drift, tokens),
                        "stopped",
                        new Term(stopped, tokens),
                        Terms.IMPORTANCE,
                        new Term(weights, tokens),
                        Terms.IMPORTANCE_SQUARED,
                        new Term(squares, tokens)),
                surrogate * share);
    }
}
