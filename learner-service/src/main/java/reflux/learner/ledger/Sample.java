// SPDX-License-Identifier: Apache-2.0
package reflux.learner.ledger;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.util.Map;
import reflux.model.text.TokenIds;

/**
 * A scored rollout. Host values only; immutable but for the buffer, which nobody writes after assembly.
 *
 * @param admitted what was asked
 * @param tokens the student's sampled tokens, the end-of-sequence token among them when {@code finish} is STOP
 * @param logProbs natural log-probability of each under the policy that sampled it, little-endian f32 [N]; empty where the
 *     response was given
 * @param behaviourLogProbs the same of what it was drawn from, where that was mixed with a teacher; else empty
 * @param oldestVersion oldest policy version among the tokens
 * @param promptTokens tokens of the prompt by the generator's count
 * @param response bytes that the tokens spell
 * @param score the teacher's view
 */
public record Sample(
        Admitted admitted,
        TokenIds tokens,
        ByteBuffer logProbs,
        ByteBuffer behaviourLogProbs,
        long oldestVersion,
        int promptTokens,
        Finish finish,
        ByteString response,
        Score score) {
    public String id() {
        return admitted.id();
    }

    /** The same sample under another admission: trained again. */
    public Sample as(Admitted again) {
        return new Sample(
                again, tokens, logProbs, behaviourLogProbs, oldestVersion, promptTokens, finish, response, score);
    }

    /**
     * The teacher's tokens of a response, and what it says of each.
     *
     * @param tokens N teacher tokens; the last is its end-of-sequence token when the sampler ended by its own
     * @param ends byte of the response where each ends
     * @param coveredBytes up to here the teacher's tokens spell the response
     * @param tensors what was asked for, by the contract's names; N rows each
     */
    public record Score(TokenIds tokens, TokenIds ends, int coveredBytes, Map<String, ScoreTensor> tensors) {
        /** Where the teacher was not asked. */
        public static final Score NONE = new Score(TokenIds.of(), TokenIds.of(), 0, Map.of());

        public Score {
            tensors = Map.copyOf(tensors);
        }

        /** Whether the teacher was asked. */
        public boolean isPresent() {
            return tokens.size() > 0;
        }

        /** One of the tensors; IllegalArgumentException if it was not asked for. */
        public ScoreTensor tensor(String name) {
            ScoreTensor tensor = tensors.get(name);
            if (tensor == null) {
                throw new IllegalArgumentException("the score has no tensor " + name + ", only " + tensors.keySet());
            }
            return tensor;
        }
    }
}
