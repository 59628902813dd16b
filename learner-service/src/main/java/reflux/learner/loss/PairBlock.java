// SPDX-License-Identifier: Apache-2.0
package reflux.learner.loss;

import reflux.learner.align.FirstTokens;
import reflux.model.text.TokenIds;

/**
 * Paired rows whose predictions are mapped by one vocabulary map.
 *
 * @param firstTokens plain, or how the first token of a response is read
 */
public record PairBlock(FirstTokens firstTokens, TokenIds teacherRows, TokenIds studentRows) {

    /** Pairs. */
    public int size() {
        return teacherRows.size();
    }
}
