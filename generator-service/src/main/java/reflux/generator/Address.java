// SPDX-License-Identifier: Apache-2.0
package reflux.generator;

/** A {@code host:port}; an IPv6 host stands in brackets. */
record Address(String host, int port) {
    /** Throws with the field's name and the remedy if the text is not {@code host:port}. */
    static Address parse(String field, String text) {
        int colon = text.lastIndexOf(':');
        String host = colon < 0 ? "" : text.substring(0, colon);
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        }
        String port = text.substring(colon + 1);
        if (host.isEmpty() || !port.matches("[0-9]{1,5}") || Integer.parseInt(port) > 65_535) {
            throw new IllegalArgumentException(field + " must be host:port, such as 127.0.0.1:7201, was " + text);
        }
        return new Address(host, Integer.parseInt(port));
    }
}
