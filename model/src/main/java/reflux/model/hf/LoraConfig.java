// SPDX-License-Identifier: Apache-2.0
package reflux.model.hf;

import java.util.List;

/**
 * A low-rank adapter (Hu et al. 2021): to the linear map x·W of a module it adds scale · (dropout(x)·A)·B.
 *
 * @param rank r, the width between A and B
 * @param dropout share of the adapter's inputs that is zeroed in training
 * @param targetModules last parts of the modules' names ("q_proj"), whole names, or "all-linear": every linear module but the LM
 *     head
 * @param isRankStabilised whether the scale is alpha / √r (Kalajdzievski 2023) and not alpha / r
 */
public record LoraConfig(int rank, double alpha, double dropout, List<String> targetModules, boolean isRankStabilised) {
    public static final String ALL_LINEAR = "all-linear";

    public LoraConfig {
        targetModules = List.copyOf(targetModules);
        if (rank < 1) {
            throw new IllegalArgumentException("r must be >= 1, was " + rank);
        }
        if (!(alpha > 0) || Double.isInfinite(alpha)) {
            throw new IllegalArgumentException("lora_alpha must be > 0, was " + alpha);
        }
        if (!(dropout >= 0 && dropout < 1)) {
            throw new IllegalArgumentException("lora_dropout must be >= 0 and < 1, was " + dropout);
        }
        if (targetModules.isEmpty()) {
            throw new IllegalArgumentException("target_modules must name a module, or be " + ALL_LINEAR);
        }
    }

    /** What x·A·B is multiplied by. */
    public double scale() {
        return alpha / (isRankStabilised ? Math.sqrt(rank) : rank);
    }
}
