// SPDX-License-Identifier: Apache-2.0
package reflux.rpc;

/**
 * Where a server listens and how its connections behave. Port 0 = any free port.
 *
 * @param maxUnsentBytes a stream whose peer does not read, and whose writer does not wait, is ended beyond this
 */
public record ServerSettings(String host, int port, KeepAlive keepAlive, int maxMessageBytes, long maxUnsentBytes) {
    /** Largest message of the contract, in bytes. */
    public static final int MAX_MESSAGE_BYTES = 1 << 20;

    public ServerSettings {
        if (maxMessageBytes < 1 || maxUnsentBytes < maxMessageBytes) {
            throw new IllegalArgumentException("maxMessageBytes must be in [1, maxUnsentBytes], was " + maxMessageBytes
                    + " and " + maxUnsentBytes);
        }
    }

    /** The contract's limits at this place. */
    public static ServerSettings at(String host, int port) {
        return new ServerSettings(host, port, KeepAlive.defaults(), MAX_MESSAGE_BYTES, 64L << 20);
    }

    /** The contract's limits at this place. */
    public static ServerSettings at(PeerAddress place) {
        return at(place.host(), place.port());
    }

    /** The same with other pings. */
    public ServerSettings withKeepAlive(KeepAlive other) {
        return new ServerSettings(host, port, other, maxMessageBytes, maxUnsentBytes);
    }
}
