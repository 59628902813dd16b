// SPDX-License-Identifier: Apache-2.0
package reflux.learner.step;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.List;
import reflux.model.hf.LoraConfig;

/**
 * Low-rank adapters, and what trades time for memory.
 *
 * @param usePeft whether adapters are trained instead of the weights
 * @param loraR rank
 * @param loraAlpha the adapter's scale is alpha / r, with rsLoRA alpha / √r
 * @param loraDropout share of the adapter's inputs that is dropped in training
 * @param loraTargetModules names of modules, or all-linear
 * @param useRslora scale by √r
 * @param gradientAccumulationSteps batches that one step of the optimiser takes
 * @param gradientCheckpointing compute activations again on the way back
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record LoraSettings(
        boolean usePeft,
        int loraR,
        double loraAlpha,
        double loraDropout,
        List<String> loraTargetModules,
        boolean useRslora,
        int gradientAccumulationSteps,
        boolean gradientCheckpointing) {
    @SuppressWarnings("NullAway") // a key that is absent arrives as null
    public LoraSettings {
        loraTargetModules = loraTargetModules == null ? List.of("all-linear") : List.copyOf(loraTargetModules);
    }

    /** Every value that a configuration may leave out. */
    public static LoraSettings defaults() {
        return new LoraSettings(false, 16, 32, 0, List.of("all-linear"), false, 1, false);
    }

    /** The adapter that is asked for; throws IllegalArgumentException naming what cannot be. */
    public LoraConfig adapter() {
        return new LoraConfig(loraR, loraAlpha, loraDropout, loraTargetModules, useRslora);
    }
}
