// SPDX-License-Identifier: Apache-2.0
package reflux.wire;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * Names a set of tensors by its bytes: SHA-256 over the CRC-32C of each piece of 256 KiB (a tensor's last may be shorter), four bytes
 * each in little-endian order, tensor after tensor. It runs at the CRC's speed, some ten times that of SHA-256 over all bytes, and tells sets
 * that differ by accident apart; who can change bytes on purpose can change the announced digest as well.
 */
public final class WeightsDigest {
    /** Bytes of a digest. */
    public static final int BYTES = 32;

    private WeightsDigest() {}

    /** Of the buffers from position to limit, which stay as they are. Reads all bytes: not for an event loop. */
    public static byte[] of(List<ByteBuffer> tensors) {
        MessageDigest pieces = sha256();
        ByteBuffer sum = ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (ByteBuffer tensor : tensors) {
            for (int at = tensor.position(); at < tensor.limit(); at += TensorFrames.FRAME_BYTES) {
                CRC32C crc = new CRC32C();
                crc.update(
                        tensor.duplicate().position(at).limit(Math.min(tensor.limit(), at + TensorFrames.FRAME_BYTES)));
                pieces.update(sum.putInt(0, (int) crc.getValue()).array());
            }
        }
        return pieces.digest();
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
