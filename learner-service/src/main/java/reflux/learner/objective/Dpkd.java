// SPDX-License-Identifier: Apache-2.0
package reflux.learner.objective;

/**
 * Direct preference knowledge distillation (Li et al. 2024, arXiv 2406.19774), token by token as in the released code: in each
 * context the teacher's likeliest token a is preferred to the student's own b. With h = ln q(a)/q(b) − ln p(a)/p(b),
 *
 * <pre>
 * dpkd   −ln σ(β h)
 * ipo    (h − 1/(2β))²
 * dpop   dpkd + 50 max(0, ln p(a) − ln q(a))
 * simpo  dpkd of h = ln q(a)/q(b) over (distinct tokens of the response)/256, without the teacher's ratio
 * </pre>
 *
 * <p>Where a = b the preference is ln 2 without a gradient. a and b count as constants. Deliberate difference: logarithms in f32,
 * where the released code has bf16. One vocabulary.
 *
 * @param kdRatio r in (1 − r)·CE(gold) + r·preference
 * @param beta β
 */
record Dpkd(double kdRatio, double labelSmoothing, double beta, Variant variant) implements Objective {

    /** The preference's form; its place is the script's number for it. */
    enum Variant {
        DPKD,
        IPO,
        DPOP,
        SIMPO
    }

    static Dpkd of(ObjectiveSettings keys) {
        ObjectiveSettings.require(
                keys.dpkdBeta() > 0 && Double.isFinite(keys.dpkdBeta()),
                "dpkd_beta",
                keys.dpkdBeta(),
                "set a number above 0");
        return new Dpkd(keys.kdRatio(), keys.labelSmoothing(), keys.dpkdBeta(), variant(keys.dpkdVariant()));
    }

    private static Variant variant(String name) {
        return switch (name) {
            case "dpkd" -> Variant.DPKD;
            case "ipo" -> Variant.IPO;
            case "dpop" -> Variant.DPOP;
            case "simpo" -> Variant.SIMPO;
            default ->
                throw new IllegalArgumentException(
                        "learner.dpkd_variant is '" + name + "'; use dpkd, ipo, dpop or simpo");
        };
    }

    @Override
    public String name() {
        return "dpkd";
    }

    @Override
    public Needs needs() {
        return Needs.hiddenStates(Needs.Vocabularies.SAME);
    }

    @Override
    public ObjectiveLoss open(LossSite site) {
        return new SameTokensLoss(site, kdRatio, labelSmoothing, new Preference(site, beta, variant));
    }
}
