// SPDX-License-Identifier: Apache-2.0
package reflux.wire;

/** Shutting down or not loaded yet; on the wire UNAVAILABLE. */
public final class NotReadyException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public NotReadyException(String message) {
        super(message);
    }
}
