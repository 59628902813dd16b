// SPDX-License-Identifier: Apache-2.0
package reflux.model.decoder;

import java.util.function.DoubleUnaryOperator;
import reflux.model.hf.RopeScaling;

/**
 * Rotary position embeddings: the angle of position p in dimension i of E / 2 is p * f(i), with f(i) = theta^(-2 i / E) stretched
 * by the scaling. Computed in double.
 */
final class RotaryAngles {
    private final double[] frequencies;

    RotaryAngles(int headSize, double theta, RopeScaling scaling) {
        frequencies = new double[headSize / 2];
        for (int i = 0; i < frequencies.length; i++) {
            frequencies[i] = scaled(Math.pow(theta, -2.0 * i / headSize), scaling);
        }
    }

    private static double scaled(double frequency, RopeScaling scaling) {
        if (scaling instanceof RopeScaling.Linear linear) {
            return frequency / linear.factor();
        } else if (scaling instanceof RopeScaling.Llama3 llama3) {
            return llama3(frequency, llama3);
        }
        return frequency;
    }

    /** Long waves are slowed by the factor, short ones kept, those between blended linearly in context / wavelength. */
    private static double llama3(double frequency, RopeScaling.Llama3 scaling) {
        double wavesInContext = scaling.originalContextLength() * frequency / (2 * Math.PI);
        double low = scaling.lowFrequencyFactor();
        double high = scaling.highFrequencyFactor();
        double kept = Math.max(0, Math.min(1, (wavesInContext - low) / (high - low)));
        return kept * frequency + (1 - kept) * frequency / scaling.factor();
    }

    /** Row-major [positions, E / 2] of a function of the angle. */
    double[] table(int positions, DoubleUnaryOperator function) {
        int half = frequencies.length;
        double[] table = new double[Math.multiplyExact(positions, half)];
        for (int position = 0; position < positions; position++) {
            for (int i = 0; i < half; i++) {
                table[position * half + i] = function.applyAsDouble(position * frequencies[i]);
            }
        }
        return table;
    }
}
