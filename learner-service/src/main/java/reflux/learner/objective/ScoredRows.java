// SPDX-License-Identifier: Apache-2.0
package reflux.learner.objective;

import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * The responses that the teacher scored, by its rows.
 *
 * @param byFirstRow each response by its first teacher row
 */
record ScoredRows(NavigableMap<Integer, Response> byFirstRow) {

    static ScoredRows of(LossBatch batch) {
        NavigableMap<Integer, Response> byFirstRow = new TreeMap<>();
        for (Response response : batch.responses()) {
            response.score().ifPresent(score -> byFirstRow.put(score.teacherRow(), response));
        }
        return new ScoredRows(byFirstRow);
    }

    /** Whose tokens that teacher row predicts. */
    Response at(int teacherRow) {
        return byFirstRow.floorEntry(teacherRow).getValue();
    }
}
