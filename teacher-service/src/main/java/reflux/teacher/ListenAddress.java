// SPDX-License-Identifier: Apache-2.0
package reflux.teacher;

/** Where to listen: a host (an IPv6 address in brackets) and a port. */
record ListenAddress(String host, int port) {

    /** Reads {@code host:port}; {@code key} names the setting in the error. */
    static ListenAddress parse(String key, String text) {
        int colon = text.lastIndexOf(':');
        String host = colon < 0 ? "" : text.substring(0, colon);
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        }
        int port = colon < 0 ? -1 : port(text.substring(colon + 1));
        if (host.isEmpty() || port < 0) {
            throw new IllegalArgumentException(key + " must be host:port with a port of 0 to 65535, was " + text);
        }
        return new ListenAddress(host, port);
    }

    private static int port(String digits) {
        if (!digits.matches("\\d{1,5}")) {
            return -1;
        }
        int port = Integer.parseInt(digits);
        return port <= 65_535 ? port : -1;
    }
}
