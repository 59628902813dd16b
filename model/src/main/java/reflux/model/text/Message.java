// SPDX-License-Identifier: Apache-2.0
package reflux.model.text;

import static java.util.Objects.requireNonNull;

/** One turn of a conversation; {@code role} is such as "user", "assistant" or "system". */
public record Message(String role, String content) {
    public Message {
        requireNonNull(role, "role is null");
        requireNonNull(content, "content is null");
    }
}
