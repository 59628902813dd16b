// SPDX-License-Identifier: Apache-2.0
package reflux.rpc;

import io.vertx.core.net.SocketAddress;

/** Host and port of a peer. */
public record PeerAddress(String host, int port) {
    public PeerAddress {
        if (host.isEmpty() || port < 0 || port > 65_535) {
            throw new IllegalArgumentException("address must be host:port, was " + host + ":" + port);
        }
    }

    /** Reads "host:port" or "[v6]:port". */
    public static PeerAddress parse(String text) {
        int colon = text.lastIndexOf(':');
        if (colon < 1) {
            throw new IllegalArgumentException("address must be host:port, was '" + text + "'");
        }
        String host = text.substring(0, colon);
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        }
        try {
            return new PeerAddress(host, Integer.parseInt(text.substring(colon + 1)));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("address must be host:port, was '" + text + "'", e);
        }
    }

    SocketAddress socket() {
        return SocketAddress.inetSocketAddress(port, host);
    }

    @Override
    public String toString() {
        return host.indexOf(':') < 0 ? host + ":" + port : "[" + host + "]:" + port;
    }
}
