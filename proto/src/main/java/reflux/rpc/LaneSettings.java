// SPDX-License-Identifier: Apache-2.0
package reflux.rpc;

import java.time.Duration;

/**
 * How a pool of lanes behaves.
 *
 * @param maxWaiting most items that wait for a lane; a submit beyond it fails
 * @param maxAttempts an item that was begun this often without an end fails for good
 * @param itemSilence an item that is under way and about which nothing is heard for so long costs its lane the connection
 */
public record LaneSettings(
        ClientSettings client,
        int maxWaiting,
        int maxAttempts,
        Duration backOffFirst,
        Duration backOffLast,
        Duration itemSilence) {
    public LaneSettings {
        if (maxWaiting < 1 || maxAttempts < 1) {
            throw new IllegalArgumentException(
                    "maxWaiting and maxAttempts must be >= 1, were " + maxWaiting + " and " + maxAttempts);
        }
    }

    /** 4,096 waiting items, 8 attempts, back-off 100 ms to 5 s, 5 minutes of silence. */
    public static LaneSettings defaults() {
        return new LaneSettings(
                ClientSettings.defaults(),
                4096,
                8,
                Duration.ofMillis(100),
                Duration.ofSeconds(5),
                Duration.ofMinutes(5));
    }

    /** The same with another bound of waiting items. */
    public LaneSettings withMaxWaiting(int other) {
        return new LaneSettings(client, other, maxAttempts, backOffFirst, backOffLast, itemSilence);
    }

    /** The same with another client. */
    public LaneSettings withClient(ClientSettings other) {
        return new LaneSettings(other, maxWaiting, maxAttempts, backOffFirst, backOffLast, itemSilence);
    }
}
