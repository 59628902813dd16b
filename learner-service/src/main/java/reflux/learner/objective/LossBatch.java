// SPDX-License-Identifier: Apache-2.0
package reflux.learner.objective;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import reflux.learner.loss.RowPairs;
import reflux.model.engine.Scope;
import reflux.model.engine.Tensor;
import reflux.model.text.TokenIds;

/**
 * A micro-batch as a loss sees it: N student rows and M teacher rows, those of each response one after another.
 *
 * @param studentRows N
 * @param teacherRows M
 * @param pairs rows of both sides that predict the same token: exact pairs and end pairs of all scored responses
 * @param teacherRows_MD the teacher's hidden states, where they were asked for; f32, or the heads' type
 */
public record LossBatch(
        List<Response> responses, int studentRows, int teacherRows, RowPairs pairs, Optional<Tensor> teacherRows_MD) {
    public LossBatch {
        responses = List.copyOf(responses);
    }

    /** The pairs follow from the responses. */
    public LossBatch(List<Response> responses, int studentRows, int teacherRows, Optional<Tensor> teacherRows_MD) {
        this(responses, studentRows, teacherRows, pairs(responses), teacherRows_MD);
    }

    /** The same micro-batch with the teacher's states, which do not outlive a pass. */
    public LossBatch with(Optional<Tensor> states_MD) {
        return new LossBatch(responses, studentRows, teacherRows, pairs, states_MD);
    }

    private static RowPairs pairs(List<Response> responses) {
        RowPairs.Builder pairs = RowPairs.builder();
        for (Response response : responses) {
            response.score().ifPresent(score -> {
                if (score.isSameTokens()) {
                    pairs.addSameTokens(response.tokens().size(), score.teacherRow(), response.studentRow());
                } else {
                    pairs.add(score.alignment(), score.teacherRow(), response.studentRow());
                }
            });
        }
        return pairs.build();
    }

    /** [N] the tokens that cross-entropy learns, -1 in the rows of sampled responses. */
    public TokenIds goldIds() {
        int[] ids = new int[studentRows];
        Arrays.fill(ids, -1);
        for (Response response : responses) {
            if (response.isGold()) {
                System.arraycopy(
                        response.tokens().toArray(),
                        0,
                        ids,
                        response.studentRow(),
                        response.tokens().size());
            }
        }
        return TokenIds.of(ids);
    }

    /** The states [M, D]; IllegalStateException if the objective did not ask for them. */
    public Tensor hidden_MD() {
        return teacherRows_MD.orElseThrow(
                () -> new IllegalStateException("the objective did not ask for hidden states"));
    }

    /** [C, W]: the teacher's logits in those of the M rows. */
    public Tensor teacherLogits(LossSite site, Scope out, int[] rows) {
        return site.maths().logits(out, hidden_MD(), rows, site.heads().teacher_WD());
    }
}
