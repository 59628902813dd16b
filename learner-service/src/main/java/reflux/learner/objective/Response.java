// SPDX-License-Identifier: Apache-2.0
package reflux.learner.objective;

import java.util.Map;
import java.util.Optional;
import reflux.learner.align.Alignment;
import reflux.learner.ledger.Origin;
import reflux.learner.ledger.ScoreTensor;
import reflux.model.text.TokenIds;

/**
 * One response of a micro-batch. Student row {@code studentRow + i} predicts {@code tokens[i]}.
 *
 * @param lastPromptId the student's token before the first
 * @param isGold whether the tokens are learned by cross-entropy too: given, not sampled from the student
 * @param logProbs ln q of each token under the policy that sampled it; empty where the response was given
 * @param behaviourLogProbs the same of what it was drawn from, where that was mixed with a teacher; else empty
 * @param staleness versions between the oldest policy that sampled it and the one that is trained
 * @param score empty where the teacher was not asked
 */
public record Response(
        String id,
        int studentRow,
        TokenIds tokens,
        int lastPromptId,
        boolean isGold,
        Origin origin,
        Floats logProbs,
        Floats behaviourLogProbs,
        long staleness,
        Optional<Scored> score) {

    /**
     * The teacher's view. Teacher row {@code teacherRow + i} predicts {@code tokens[i]}.
     *
     * @param isSameTokens whether both sides have the same tokenizer, and so the same tokens
     * @param alignment how both sides' tokens pair up
     * @param tensors what was asked for, by the contract's names, but for hidden states, which the batch has as one tensor
     */
    public record Scored(
            int teacherRow,
            TokenIds tokens,
            boolean isSameTokens,
            Alignment alignment,
            Map<String, ScoreTensor> tensors) {
        public Scored {
            tensors = Map.copyOf(tensors);
        }
    }
}
