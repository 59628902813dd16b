// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.selftest;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import reflux.model.safetensors.SafetensorsFile;
import reflux.model.safetensors.TensorInfo;

/** Gradients on the disk, in f32. */
final class GradientFile {
    private GradientFile() {}

    /** ‖a − b‖ / ‖a‖ over all tensors of both files. */
    static double difference(Path a, Path b) {
        double difference = 0;
        double whole = 0;
        try (SafetensorsFile one = SafetensorsFile.open(a);
                SafetensorsFile other = SafetensorsFile.open(b)) {
            for (TensorInfo info : one.tensors()) {
                ByteBuffer left = one.bytes(info.name()).order(ByteOrder.LITTLE_ENDIAN);
                ByteBuffer right = other.bytes(info.name()).order(ByteOrder.LITTLE_ENDIAN);
                while (left.hasRemaining()) {
                    double value = left.getFloat();
                    double gap = value - right.getFloat();
                    whole += value * value;
                    difference += gap * gap;
                }
            }
        }
        return Math.sqrt(difference / whole);
    }
}
