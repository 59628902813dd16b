// SPDX-License-Identifier: Apache-2.0
package reflux.learner.objective;

import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import reflux.model.engine.Scope;
import reflux.model.engine.Tensor;
import reflux.model.text.TokenIds;

/**
 * One side's rows of a run of groups, one group after another.
 *
 * @param rows of the micro-batch
 * @param ids realised tokens of those rows
 * @param groups number of each row's group
 * @param last place of each group's last row
 */
record GroupSide(TokenIds rows, TokenIds ids, TokenIds groups, TokenIds last) {

    static GroupSide teacher(List<RealisedGroup> groups) {
        return of(groups, RealisedGroup::teacherRows, RealisedGroup::teacherIds);
    }

    static GroupSide student(List<RealisedGroup> groups) {
        return of(groups, RealisedGroup::studentRows, RealisedGroup::studentIds);
    }

    private static GroupSide of(
            List<RealisedGroup> groups, Function<RealisedGroup, TokenIds> rows, Function<RealisedGroup, TokenIds> ids) {
        IntStream.Builder allRows = IntStream.builder();
        IntStream.Builder allIds = IntStream.builder();
        IntStream.Builder allGroups = IntStream.builder();
        int[] last = new int[groups.size()];
        int size = 0;
        for (int g = 0; g < last.length; g++) {
            TokenIds own = rows.apply(groups.get(g));
            for (int i = 0; i < own.size(); i++) {
                allRows.add(own.get(i));
                allIds.add(ids.apply(groups.get(g)).get(i));
                allGroups.add(g);
            }
            size += own.size();
            last[g] = size - 1;
        }
        return new GroupSide(built(allRows), built(allIds), built(allGroups), TokenIds.of(last));
    }

    private static TokenIds built(IntStream.Builder values) {
        return TokenIds.of(values.build().toArray());
    }

    /** Logits, ids, groups and last rows, as the scripts take them. */
    List<Tensor> tensors(Scope out, Tensor logits) {
        return List.of(logits, ids(out, ids), ids(out, groups), ids(out, last));
    }

    private static Tensor ids(Scope out, TokenIds values) {
        return out.ints(values.toArray(), values.size());
    }
}
