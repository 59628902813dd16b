// SPDX-License-Identifier: Apache-2.0
package reflux.generator.sampling;

import java.nio.ByteBuffer;
import reflux.model.text.TokenIds;

/**
 * How a rollout ended.
 *
 * @param ids all tokens of the response, the end-of-sequence token too
 * @param bytes read-only; what the tokens spell. After a stop text it may hold the first bytes of one token more, which is
 *     not among the ids because the stop text begins inside it
 */
public record Response(FinishKind finish, int promptTokens, TokenIds ids, ByteBuffer bytes) {
    public Response {
        bytes = bytes.asReadOnlyBuffer();
    }

    @Override
    public ByteBuffer bytes() {
        return bytes.duplicate();
    }
}
