// SPDX-License-Identifier: Apache-2.0
package reflux.rpc;

import java.time.Duration;

/** How often a connection is pinged and how long an answer may take before the connection is closed. */
public record KeepAlive(Duration every, Duration timeout) {
    public KeepAlive {
        if (every.toMillis() < 1 || timeout.toMillis() < 1) {
            throw new IllegalArgumentException("ping times must be at least 1 ms, were " + every + " and " + timeout);
        }
    }

    /** A black-holed peer is noticed within 15 seconds. */
    public static KeepAlive defaults() {
        return new KeepAlive(Duration.ofSeconds(5), Duration.ofSeconds(10));
    }
}
