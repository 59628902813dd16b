// SPDX-License-Identifier: Apache-2.0
package reflux.learner.policy;

/**
 * The clipped surrogate of a policy gradient, {@code max(−A w, −A clip(w, 1 − range, 1 + range))}, token by token, with
 * {@code w = q(y) / b(y)}: q the student that is trained, b what the token was drawn from, be that an older student or a mixture
 * with the teacher. So w is q/q_old times the weight q_old/b of teacher-mixed sampling, as in MiniLLM (arXiv 2306.08543).
 *
 * <p>Deliberate difference: w is cut at {@code weightLimit}. The cut is a constant factor, through which no gradient flows; the
 * gradient of ln q remains. Without it one token that has become likely with A &lt; 0 outweighs a batch, because the clip
 * above does not bound that side.
 *
 * @param range how far w may move from 1 to the better before the gradient stops; > 0
 * @param weightLimit largest w, at least 1; infinite = not cut
 */
public record PpoClip(double range, double weightLimit) {
    /** |ln w| beyond which w is held, so that it is never infinite. */
    private static final double LARGEST_LOG = 20;

    public PpoClip {
        if (!(range > 0)) {
            throw new IllegalArgumentException("range must be > 0, was " + range);
        }
        if (!(weightLimit >= 1)) {
            throw new IllegalArgumentException("weightLimit must be at least 1, was " + weightLimit);
        }
    }

    /**
     * A token's part in the surrogate.
     *
     * @param value of the surrogate
     * @param slope by ln q(y)
     * @param weight w after the cut
     */
    public record Move(double value, double slope, double weight) {}

    /**
     * The surrogate of one token.
     *
     * @param advantage A, a constant
     * @param logProb ln q(y) of the student that is trained
     * @param behaviour ln b(y)
     */
    public Move move(double advantage, double logProb, double behaviour) {
        double log = Math.max(-LARGEST_LOG, Math.min(LARGEST_LOG, logProb - behaviour));
        double weight = Math.min(Math.exp(log), weightLimit);
        double plain = -advantage * weight;
        double clipped = -advantage * Math.max(1 - range, Math.min(1 + range, weight));
        return new Move(Math.max(plain, clipped), plain >= clipped ? plain : 0, weight);
    }
}
