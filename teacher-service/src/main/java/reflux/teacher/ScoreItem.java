// SPDX-License-Identifier: Apache-2.0
package reflux.teacher;

import java.util.List;
import reflux.model.text.TokenIds;
import reflux.v1.ScoreBegin;
import reflux.v1.TensorHeader;

/**
 * A request in the teacher's own tokens.
 *
 * @param ends byte of the response where each response token ends
 * @param coveredBytes up to where the tokens spell the response
 * @param tensors what the answer announces
 */
record ScoreItem(ScoreKey key, TokenIds ends, int coveredBytes, List<TensorHeader> tensors) {

    ScoreItem {
        tensors = List.copyOf(tensors);
    }

    long answerBytes() {
        return tensors.stream().mapToLong(TensorHeader::getBytes).sum();
    }

    /** The answer's first message. */
    ScoreBegin begin(String id, String headFingerprint) {
        ScoreBegin.Builder begin = ScoreBegin.newBuilder()
                .setId(id)
                .setCoveredBytes(coveredBytes)
                .addAllTensors(tensors)
                .setPromptTokens(key.promptTokens())
                .setLmHeadFingerprint(headFingerprint);
        for (int i = 0; i < key.responseTokens(); i++) {
            begin.addTokenIds(key.tokens().get(key.promptTokens() + i));
            begin.addEnds(ends.get(i));
        }
        return begin.build();
    }
}
