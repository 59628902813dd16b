// SPDX-License-Identifier: Apache-2.0
package reflux.rpc;

import java.time.Duration;

/**
 * How a client behaves.
 *
 * @param connectTimeout until a connection must be there
 * @param callTimeout deadline of a unary call that names none
 */
public record ClientSettings(
        Duration connectTimeout, Duration callTimeout, KeepAlive keepAlive, int maxMessageBytes, long maxUnsentBytes) {
    /** The contract's limits, 2 s to connect, 10 s for a call. */
    public static ClientSettings defaults() {
        return new ClientSettings(
                Duration.ofSeconds(2),
                Duration.ofSeconds(10),
                KeepAlive.defaults(),
                ServerSettings.MAX_MESSAGE_BYTES,
                64L << 20);
    }

    /** The same with other pings. */
    public ClientSettings withKeepAlive(KeepAlive other) {
        return new ClientSettings(connectTimeout, callTimeout, other, maxMessageBytes, maxUnsentBytes);
    }
}
