// SPDX-License-Identifier: Apache-2.0
package reflux.wire;

import com.google.protobuf.ByteOutput;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** CRC-32C of a byte string where it lies: of a read-only view of it Java would copy each byte first. */
final class FrameSum extends ByteOutput {
    private final CRC32C crc = new CRC32C();

    private FrameSum() {}

    static int of(ByteString data) {
        FrameSum sum = new FrameSum();
        try {
            UnsafeByteOperations.unsafeWriteTo(data, sum);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return (int) sum.crc.getValue();
    }

    @Override
    public void write(byte value) {
        crc.update(value);
    }

    @Override
    public void write(byte[] value, int offset, int length) {
        crc.update(value, offset, length);
    }

    @Override
    public void writeLazy(byte[] value, int offset, int length) {
        crc.update(value, offset, length);
    }

    @Override
    public void write(ByteBuffer value) {
        crc.update(value.duplicate());
    }

    @Override
    public void writeLazy(ByteBuffer value) {
        crc.update(value.duplicate());
    }
}
