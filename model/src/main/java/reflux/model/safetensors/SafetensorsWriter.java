// SPDX-License-Identifier: Apache-2.0
package reflux.model.safetensors;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Writes safetensors files whole or not at all. */
public final class SafetensorsWriter {
    private SafetensorsWriter() {}

    /** Writes tensors in the given order; {@code bytes} is asked once per tensor for its little-endian data. */
    public static void write(
            Path file, List<TensorInfo> tensors, Function<String, ByteBuffer> bytes, Map<String, String> metadata) {
        throw new UnsupportedOperationException("not yet");
    }
}
