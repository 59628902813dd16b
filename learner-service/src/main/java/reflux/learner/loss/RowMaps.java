// SPDX-License-Identifier: Apache-2.0
package reflux.learner.loss;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import reflux.learner.align.FirstTokens;
import reflux.learner.align.VocabularyMap;
import reflux.model.engine.Scope;
import reflux.model.engine.Tensor;

/** Vocabulary maps as tensors, one for each way to read a token, made when first needed. */
final class RowMaps {
    private final Map<FirstTokens, RowMap> maps = new HashMap<>();
    private final Scope scope;
    private final VocabularyMap plain;

    RowMaps(Scope scope, VocabularyMap plain) {
        this.scope = scope;
        this.plain = plain;
    }

    /** The map for a teacher's head of {@code rows} rows. */
    RowMap of(FirstTokens firstTokens, int rows) {
        return maps.computeIfAbsent(firstTokens, key -> rowMap(plain.reading(key), rows));
    }

    private RowMap rowMap(VocabularyMap map, int rows) {
        int shared = map.overlapStudent().size();
        return new RowMap(
                scope.ints(map.studentIds(rows), rows),
                scope.ints(map.overlapStudent().toArray(), shared),
                scope.ints(map.overlapTeacher().toArray(), shared));
    }

    /**
     * One map.
     *
     * @param studentIds_W the student's id for each of the teacher's, -1 if it has none
     * @param sharedStudent_K the student's ids of the shared tokens
     * @param sharedTeacher_K the teacher's ids of the same tokens
     */
    record RowMap(Tensor studentIds_W, Tensor sharedStudent_K, Tensor sharedTeacher_K) {
        List<Tensor> tensors() {
            return List.of(studentIds_W, sharedStudent_K, sharedTeacher_K);
        }
    }
}
