// SPDX-License-Identifier: Apache-2.0
package reflux.wire;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;

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
        return of(PieceSums.of(tensors));
    }

    /** The same of tensors whose sums are known. */
    public static byte[] of(PieceSums sums) {
        MessageDigest pieces = sha256();
        ByteBuffer four = ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int[] tensor : sums.all()) {
            for (int sum : tensor) {
                pieces.update(four.putInt(0, sum).array());
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
