// SPDX-License-Identifier: Apache-2.0
package reflux.model.safetensors;

import java.nio.ByteBuffer;
import java.util.List;

/** Stored tensors by name. Safe to read from several threads; buffers must not be used after {@link #close}. */
public interface TensorSource extends AutoCloseable {
    /** All tensors in the order of their data. */
    List<TensorInfo> tensors();

    boolean has(String name);

    /** Throws {@code NoSuchElementException} for an unknown name. */
    TensorInfo info(String name);

    /** The whole data, little-endian and read-only, a copy or an alias; refuses tensors of 2 GiB and more. */
    ByteBuffer bytes(String name);

    /** {@code length} bytes of the data from {@code offset} (in bytes), little-endian and read-only. */
    ByteBuffer bytes(String name, long offset, int length);

    /** Copies data from {@code offset} (in bytes) into the buffer until that is full. */
    default void read(String name, long offset, ByteBuffer to) {
        to.put(bytes(name, offset, to.remaining()));
    }

    @Override
    void close();
}
