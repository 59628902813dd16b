// SPDX-License-Identifier: Apache-2.0
package reflux.learner.loss;

/**
 * A distance from the student's distribution q to the teacher's p over one vocabulary, per token. Both sides' logits are
 * divided by the temperature; no factor of its square is applied.
 *
 * <p>The maths of each is one resource that defines {@code divergence(student, teacher, parameter)} on log-probabilities
 * [N, V] and gives the value [N] and its gradient for the student's scaled logits [N, V]. A logit of -inf is probability 0.
 */
public sealed interface Divergence permits ForwardKl, ReverseKl, GeneralisedJsd {

    /** The resource beside this type that defines the maths. */
    String resource();

    /** The argument {@code parameter} of the maths; 0 if it has none. */
    double parameter();

    /**
     * The divergence of a configuration.
     *
     * @param name {@code forward_kl}, {@code reverse_kl} or {@code generalised_jsd}
     * @param beta the teacher's weight in the mixture, for {@code generalised_jsd}
     * @throws IllegalArgumentException if there is none of that name
     */
    static Divergence named(String name, double beta) {
        return switch (name) {
            case "forward_kl" -> new ForwardKl();
            case "reverse_kl" -> new ReverseKl();
            case "generalised_jsd", "generalized_jsd", "gjsd" -> new GeneralisedJsd(beta);
            default ->
                throw new IllegalArgumentException(
                        "kd_loss_fn must be forward_kl, reverse_kl or generalised_jsd, was " + name);
        };
    }
}
