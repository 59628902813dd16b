// SPDX-License-Identifier: Apache-2.0
package reflux.learner.objective;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import reflux.learner.loss.Divergence;
import reflux.learner.loss.DivergenceNumbers;

/**
 * The keys that choose an objective and its numbers. Each objective reads its own and leaves the others alone.
 *
 * @param objective its name
 * @param kdRatio r in (1 − r)·CE(gold) + r·KD; below 1 the files need responses
 * @param kdLossFn the divergence
 * @param beta teacher's weight in the generalised JSD
 * @param skewLambda share of the other distribution in the skewed divergences
 * @param adaptiveAlpha mass of the tail in the adaptive KL
 * @param kdTemperature divides both logits in the divergences
 * @param topKLogits the teacher's most probable tokens that are compared; 0 = the whole vocabulary
 * @param topKTail what becomes of the others' mass: bucket or renormalise
 * @param topPSupport the teacher's mass that is compared, from its most probable token on; 1 = all
 * @param labelSmoothing what the cross-entropy with gold tokens gives to all other tokens together
 * @param projectorLr learning rate of projectors
 * @param topkVocab columns of the heads that the projector's initialisation uses; -1 = all
 * @param projectorRtol share of the largest singular value below which the projector's initialisation drops a direction; 0 = the published columns · 1.2e-7
 * @param onlyStudentSpace leave out the terms in the teacher's space
 * @param onlyTeacherSpace leave out the terms in the student's space
 * @param t2sAgreement share of agreeing tokens above which t2s_kd counts all of them
 * @param alignment how tokens pair: bytes, or published for the scan of DSKDv2
 * @param groupLoss signal for tokens that do not pair: none, likelihood, prefix or both
 * @param groupWeight weight of the group loss
 * @param uldWeight weight of the sorted distance beside cross-entropy in uld
 * @param uldAlignment rows that uld compares: text, or positional as published
 * @param uldHybrid whether gold compares the tokens that both know by the generalised JSD
 * @param uldMatchedWeight weight of that part; -1 = the share of the teacher's tokens that are matched
 * @param gamma discount of later rewards in minillm
 * @param rewardScaling divides minillm's rewards
 * @param cliprange how far minillm's ratio may move
 * @param cliprangeReward bound of minillm's rewards
 * @param singleStep whether minillm adds the exact reverse KL of each position
 * @param lengthNorm whether minillm divides returns by the tokens that are left
 * @param whitening how minillm's returns are whitened: masked, batch or none
 * @param importanceClip upper bound of importance weights
 * @param dpkdBeta sharpness of dpkd's preference
 * @param dpkdVariant dpkd, ipo, dpop or simpo
 * @param sinkhornTemperature divides sinkd's logits
 * @param sinkhornEpsilon entropy of sinkd's transport
 * @param sinkhornIterations of sinkd
 * @param sinkhornWeight of sinkd's term
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record ObjectiveSettings(
        String objective,
        double kdRatio,
        String kdLossFn,
        double beta,
        double skewLambda,
        double adaptiveAlpha,
        double kdTemperature,
        @JsonProperty("top_k_logits") int topKLogits,
        @JsonProperty("top_k_tail") String topKTail,
        @JsonProperty("top_p_support") double topPSupport,
        double labelSmoothing,
        double projectorLr,
        int topkVocab,
        double projectorRtol,
        boolean onlyStudentSpace,
        boolean onlyTeacherSpace,
        double t2sAgreement,
        String alignment,
        String groupLoss,
        double groupWeight,
        double uldWeight,
        String uldAlignment,
        boolean uldHybrid,
        double uldMatchedWeight,
        double gamma,
        double rewardScaling,
        double cliprange,
        double cliprangeReward,
        boolean singleStep,
        boolean lengthNorm,
        String whitening,
        double importanceClip,
        double dpkdBeta,
        String dpkdVariant,
        double sinkhornTemperature,
        double sinkhornEpsilon,
        int sinkhornIterations,
        double sinkhornWeight) {

    /** The divergence that {@code kd_loss_fn} names, with its number. */
    Divergence divergence() {
        try {
            return Divergence.named(kdLossFn, new DivergenceNumbers(beta, skewLambda, adaptiveAlpha));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("learner." + e.getMessage(), e);
        }
    }

    /** Throws IllegalArgumentException that names key, value and remedy. */
    static void require(boolean holds, String key, Object value, String remedy) {
        if (!holds) {
            throw new IllegalArgumentException("learner." + key + " is " + value + "; " + remedy);
        }
    }

    /** Every value that a configuration may leave out. */
    public static ObjectiveSettings defaults() {
        return new ObjectiveSettings(
                "dskd-v2",
                1.0,
                "forward_kl",
                0.5,
                0.1,
                0.5,
                1.0,
                0,
                "bucket",
                1.0,
                0,
                5e-4,
                -1,
                0,
                false,
                false,
                1,
                "bytes",
                "none",
                1,
                1.5,
                "text",
                true,
                -1,
                0.95,
                0.5,
                0.2,
                100,
                true,
                true,
                "masked",
                2,
                0.1,
                "dpkd",
                2,
                0.1,
                20,
                0.001);
    }
}
