// SPDX-License-Identifier: Apache-2.0
package reflux.learner.loss;

/**
 * A distance from the student's distribution q to the teacher's p over one vocabulary, per token. Both sides' logits are
 * divided by the temperature; no factor of its square is applied.
 *
 * <p>The maths of each is one resource that defines {@code divergence(student, teacher, parameter)} on log-probabilities
 * [N, V] and gives the value [N] and its gradient for the student's scaled logits [N, V]. A logit of -inf is probability 0;
 * one that is +inf or no number makes the value of its row no number.
 */
public sealed interface Divergence
        permits ForwardKl,
                ReverseKl,
                SymmetricKl,
                GeneralisedJsd,
                SkewedForwardKl,
                SkewedReverseKl,
                AdaptiveKl,
                TotalVariation,
                SoftCrossEntropy,
                SkewedCrossEntropy,
                DistillmSymmetric,
                Top1CrossEntropy {
    /** The weight that DistiLLM's symmetric KL and JS distance give to the reverse side. */
    double DISTILLM_LAMBDA = 0.9;

    /** The resource beside this type that defines the maths. */
    String resource();

    /** The argument {@code parameter} of the maths; 0 if it has none. */
    double parameter();

    /**
     * The divergence of a configuration, by the names of DSKD, or those of KDFlow. DistiLLM's forms that differ from what they
     * are called have names of their own.
     *
     * @throws IllegalArgumentException if there is none of that name, or its number is out of range
     */
    static Divergence named(String name, DivergenceNumbers numbers) {
        return switch (name) {
            case "forward_kl", "kl", "fkl" -> new ForwardKl();
            case "reverse_kl", "rkl" -> new ReverseKl();
            case "symmetric_kl" -> new SymmetricKl();
            case "js_divergence", "js" -> new GeneralisedJsd(0.5);
            case "generalised_jsd", "generalized_jsd", "gjsd" -> new GeneralisedJsd(numbers.beta());
            case "skewed_forward_kl", "skl", "sfkl" -> new SkewedForwardKl(numbers.skewLambda());
            case "skewed_reverse_kl", "srkl" -> new SkewedReverseKl(numbers.skewLambda());
            case "adaptive_kl", "akl" -> new AdaptiveKl(numbers.adaptiveAlpha());
            case "tvd", "total_variation" -> new TotalVariation();
            case "top1_ce" -> new Top1CrossEntropy();
            case "soft_ce", "distillm_forward_kl" -> new SoftCrossEntropy();
            case "distillm_skewed_forward_kl" -> new SkewedCrossEntropy(numbers.skewLambda());
            case "distillm_symmetric_kl" -> new DistillmSymmetric(DISTILLM_LAMBDA);
            case "distillm_js_distance" -> new GeneralisedJsd(1 - DISTILLM_LAMBDA);
            case "jsd" ->
                throw new IllegalArgumentException(
                        "learner.kd_loss_fn is 'jsd', which is read in two ways; write generalised_jsd, where beta"
                                + " weights the teacher as in TRL (KDFlow's beta is 1 minus it), or js_divergence");
            default ->
                throw new IllegalArgumentException(
                        "learner.kd_loss_fn is '" + name + "'; use forward_kl, reverse_kl, symmetric_kl, js_divergence,"
                                + " generalised_jsd, skewed_forward_kl, skewed_reverse_kl, adaptive_kl, tvd, top1_ce, soft_ce,"
                                + " distillm_forward_kl, distillm_skewed_forward_kl, distillm_symmetric_kl or"
                                + " distillm_js_distance");
        };
    }
}
