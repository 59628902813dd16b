// SPDX-License-Identifier: Apache-2.0
package reflux.learner.loss;

import java.util.HashMap;
import java.util.Map;
import reflux.learner.align.FirstTokens;
import reflux.learner.align.VocabularyMap;
import reflux.model.engine.Scope;
import reflux.model.engine.Tensor;

/** Vocabulary maps as tensors, one for each way to read a token, made when first needed. */
final class RowMaps {
    private final Map<FirstTokens, Tensor> maps = new HashMap<>();
    private final Scope scope;
    private final VocabularyMap plain;

    RowMaps(Scope scope, VocabularyMap plain) {
        this.scope = scope;
        this.plain = plain;
    }

    /** [W]: the student's id for each row of a teacher's head of {@code rows} rows, -1 if it has none. */
    Tensor studentIds_W(FirstTokens firstTokens, int rows) {
        return maps.computeIfAbsent(
                firstTokens, key -> scope.ints(plain.reading(key).studentIds(rows), rows));
    }
}
