// SPDX-License-Identifier: Apache-2.0
package reflux.learner.objective;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** Immutable numbers with value equality. */
public final class Floats {
    public static final Floats EMPTY = new Floats(new float[0]);

    private final float[] values;

    private Floats(float[] values) {
        this.values = values;
    }

    public static Floats of(float... values) {
        return new Floats(values.clone());
    }

    /** All f32 from the buffer's position to its limit, little-endian; the buffer is not moved. */
    public static Floats of(ByteBuffer f32) {
        float[] values = new float[f32.remaining() / 4];
        f32.duplicate().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
        return new Floats(values);
    }

    public int size() {
        return values.length;
    }

    public float get(int index) {
        return values[index];
    }

    public boolean isEmpty() {
        return values.length == 0;
    }

    public float[] toArray() {
        return values.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Floats floats && Arrays.equals(values, floats.values);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(values);
    }

    @Override
    public String toString() {
        return Arrays.toString(values);
    }
}
