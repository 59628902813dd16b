// SPDX-License-Identifier: Apache-2.0
package reflux.model.decoder;

import java.util.List;
import reflux.model.hf.LoraConfig;

/**
 * A linear map of a layer.
 *
 * @param name module path in transformers, without ".weight"
 * @param argument place of its matrix in the script's weight list
 */
record LinearModule(String name, int argument, long inputs, long outputs) {
    private static final String WEIGHT = ".weight";
    private static final String PREFIX = "base_model.model.";

    static LinearModule of(WeightSpec spec, int argument, boolean isTransposed) {
        String name = spec.name().substring(0, spec.name().length() - WEIGHT.length());
        long first = spec.shape().get(0);
        long second = spec.shape().get(1);
        return new LinearModule(name, argument, isTransposed ? first : second, isTransposed ? second : first);
    }

    /**
     * The modules that a list of targets means, as PEFT reads it.
     *
     * @throws IllegalArgumentException naming a target that means none
     */
    static List<LinearModule> targeted(Family family, List<String> targets) {
        List<LinearModule> all = family.linears();
        for (String target : targets) {
            if (all.stream().noneMatch(module -> module.isMeant(target))) {
                List<String> known = all.stream()
                        .map(module -> module.name().substring(module.name().lastIndexOf('.') + 1))
                        .distinct()
                        .toList();
                throw new IllegalArgumentException("target module " + target + " is none of a "
                        + family.config().family() + " model's: name some of " + known + ", or "
                        + LoraConfig.ALL_LINEAR);
            }
        }
        return all.stream()
                .filter(module -> targets.stream().anyMatch(module::isMeant))
                .toList();
    }

    private boolean isMeant(String target) {
        return target.equals(LoraConfig.ALL_LINEAR) || name.equals(target) || name.endsWith("." + target);
    }

    String weightName() {
        return name + WEIGHT;
    }

    /** PEFT's name of A [r, in]. */
    String nameOfA() {
        return PREFIX + name + ".lora_A.weight";
    }

    /** PEFT's name of B [out, r]. */
    String nameOfB() {
        return PREFIX + name + ".lora_B.weight";
    }
}
