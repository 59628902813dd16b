// SPDX-License-Identifier: Apache-2.0
package reflux.learner.loss;

/**
 * The numbers that divergences are made of; each takes the one it knows.
 *
 * @param beta the teacher's weight in the mixture of {@link GeneralisedJsd}
 * @param skewLambda λ of the skewed divergences
 * @param adaptiveAlpha the tail's mass in {@link AdaptiveKl}
 */
public record DivergenceNumbers(double beta, double skewLambda, double adaptiveAlpha) {

    /** As published: β = ½, λ = 0.1, α = ½. */
    public static DivergenceNumbers published() {
        return new DivergenceNumbers(0.5, 0.1, 0.5);
    }
}
