// SPDX-License-Identifier: Apache-2.0
package reflux.wire;

/** A checksum, length or place of received bytes is wrong; on the wire DATA_LOSS. */
public final class CorruptFrameException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public CorruptFrameException(String message) {
        super(message);
    }
}
