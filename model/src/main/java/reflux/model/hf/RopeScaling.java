// SPDX-License-Identifier: Apache-2.0
package reflux.model.hf;

/** How the angles of rotary positions are stretched beyond the trained context. */
public sealed interface RopeScaling {
    /** Not at all. */
    record None() implements RopeScaling {}

    /** All frequencies divided by {@code factor}. */
    record Linear(double factor) implements RopeScaling {
        public Linear {
            requirePositive("factor", factor);
        }
    }

    /**
     * Llama 3.1: wavelengths above {@code originalContextLength / lowFrequencyFactor} divided by {@code factor}, those below
     * {@code originalContextLength / highFrequencyFactor} kept, a linear blend between.
     */
    record Llama3(double factor, double lowFrequencyFactor, double highFrequencyFactor, int originalContextLength)
            implements RopeScaling {
        public Llama3 {
            requirePositive("factor", factor);
            requirePositive("low_freq_factor", lowFrequencyFactor);
            requirePositive("high_freq_factor - low_freq_factor", highFrequencyFactor - lowFrequencyFactor);
            requirePositive("original_max_position_embeddings", originalContextLength);
        }
    }

    private static void requirePositive(String name, double value) {
        if (!(value > 0) || Double.isInfinite(value)) {
            throw new IllegalArgumentException("rope_scaling." + name + " must be > 0 and finite, was " + value);
        }
    }
}
