// SPDX-License-Identifier: Apache-2.0
package reflux.wire;

import java.nio.charset.StandardCharsets;

/** Rules of item ids: chosen by the client, unique on a stream, 1 to 256 bytes of UTF-8. */
public final class Identifiers {
    /** Most bytes of an id. */
    public static final int MAX_BYTES = 256;

    private Identifiers() {}

    /** Returns the id, or throws IllegalArgumentException if it is empty or too long. */
    public static String check(String id) {
        if (id.isEmpty()) {
            throw new IllegalArgumentException("id must not be empty");
        }
        if (id.length() > MAX_BYTES || id.getBytes(StandardCharsets.UTF_8).length > MAX_BYTES) {
            throw new IllegalArgumentException("id must have at most " + MAX_BYTES + " bytes, began with '"
                    + id.substring(0, Math.min(16, id.length())) + "'");
        }
        return id;
    }

    /** Name of a request's rollout: the id itself where one was asked for, else "id/index". */
    public static String rollout(String id, int index, int count) {
        return count <= 1 ? id : id + "/" + index;
    }
}
