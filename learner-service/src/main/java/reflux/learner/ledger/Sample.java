// SPDX-License-Identifier: Apache-2.0
package reflux.learner.ledger;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import reflux.model.engine.DataType;
import reflux.model.text.TokenIds;

/**
 * A scored rollout. Host values only; immutable but for the buffer, which nobody writes after assembly.
 *
 * @param admitted what was asked
 * @param tokens the student's sampled tokens, the end-of-sequence token among them when {@code finish} is STOP
 * @param logProbs natural log-probability of each under the policy that sampled it, little-endian f32 [N]
 * @param oldestVersion oldest policy version among the tokens
 * @param promptTokens tokens of the prompt by the generator's count
 * @param response bytes that the tokens spell
 * @param score the teacher's view
 */
public record Sample(
        Admitted admitted,
        TokenIds tokens,
        ByteBuffer logProbs,
        long oldestVersion,
        int promptTokens,
        Finish finish,
        ByteString response,
        Score score) {
    public String id() {
        return admitted.id();
    }

    /**
     * The teacher's tokens of a response with their hidden states.
     *
     * @param tokens N teacher tokens; the last is its end-of-sequence token when the sampler ended by its own
     * @param ends byte of the response where each ends
     * @param coveredBytes up to here the teacher's tokens spell the response
     * @param hidden [N, D] row-major, little-endian, of {@code type}: the rows that predict the tokens
     * @param width D
     */
    public record Score(
            TokenIds tokens, TokenIds ends, int coveredBytes, DataType type, int width, ByteBuffer hidden) {}
}
