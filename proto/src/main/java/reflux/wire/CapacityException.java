// SPDX-License-Identifier: Apache-2.0
package reflux.wire;

/** No credit, queue full, frame too large or memory short; on the wire RESOURCE_EXHAUSTED. */
public final class CapacityException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public CapacityException(String message) {
        super(message);
    }
}
