// SPDX-License-Identifier: Apache-2.0
package reflux.model.decoder;

import java.util.List;
import java.util.function.DoubleUnaryOperator;
import reflux.model.engine.DataType;
import reflux.model.engine.Scope;
import reflux.model.engine.Tensor;
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

    /** Cosines and sines, each [positions, E / 2]. */
    List<Tensor> tables(Scope owner, DataType type, int positions) {
        return List.of(table(owner, type, positions, Math::cos), table(owner, type, positions, Math::sin));
    }

    private Tensor table(Scope owner, DataType type, int positions, DoubleUnaryOperator function) {
        int half = frequencies.length;
        double[] table = new double[Math.multiplyExact(positions, half)];
        for (int i = 0; i < table.length; i++) {
            table[i] = function.applyAsDouble(i / half * frequencies[i % half]);
        }
        if (type == DataType.F64) {
            return owner.doubles(table, positions, half);
        }
        float[] narrow = new float[table.length];
        for (int i = 0; i < narrow.length; i++) {
            narrow[i] = (float) table[i];
        }
        return owner.floats(narrow, positions, half);
    }
}
