// SPDX-License-Identifier: Apache-2.0
package reflux.learner.objective;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import reflux.learner.align.PrefixRow;
import reflux.learner.align.PrefixTable;
import reflux.model.engine.Scope;
import reflux.model.engine.Tensor;
import reflux.model.text.TokenIds;

/**
 * The steps of a chunk of rows, in order, those with the same table together.
 *
 * @param teacherRows of the micro-batch, each once
 */
record PrefixSteps(TokenIds teacherRows, List<Call> calls) {
    PrefixSteps {
        calls = List.copyOf(calls);
    }

    /** A row of the micro-batch and of the teacher's response that its steps count from. */
    record Row(int studentRow, int teacherRow, PrefixRow prefix) {}

    /** What may be done at once. */
    private record Kind(boolean passesOn, PrefixTable table) {
        @Override
        public boolean equals(Object other) {
            return other instanceof Kind kind && kind.passesOn == passesOn && kind.table == table;
        }

        @Override
        public int hashCode() {
            return 2 * System.identityHashCode(table) + (passesOn ? 1 : 0);
        }
    }

    /**
     * Rows of the chunk with the same table.
     *
     * @param isFirst whether it is their first step
     * @param rows of the chunk
     * @param teacherRows places in {@link PrefixSteps#teacherRows}
     * @param passedOn places in the table (first step) or ids (later) of the tokens whose mass is kept back; or empty
     */
    record Call(boolean isFirst, PrefixTable table, TokenIds rows, TokenIds teacherRows, TokenIds passedOn) {

        List<Tensor> tensors(Scope out) {
            return List.of(
                    ids(out, rows),
                    ids(out, teacherRows),
                    ids(out, table.teacherIds()),
                    ids(out, table.studentIds()),
                    ids(out, passedOn));
        }

        private static Tensor ids(Scope out, TokenIds values) {
            return out.ints(values.toArray(), values.size());
        }
    }

    static PrefixSteps of(List<Row> rows) {
        Map<Integer, Integer> places = new LinkedHashMap<>();
        List<Call> calls = new ArrayList<>();
        int longest =
                rows.stream().mapToInt(row -> row.prefix().steps().size()).max().orElse(0);
        for (int number = 0; number < longest; number++) {
            Map<Kind, List<Integer>> kinds = new LinkedHashMap<>();
            for (int i = 0; i < rows.size(); i++) {
                List<PrefixRow.Step> steps = rows.get(i).prefix().steps();
                if (number < steps.size()) {
                    PrefixRow.Step step = steps.get(number);
                    kinds.computeIfAbsent(new Kind(step.passedOn() >= 0, step.table()), kind -> new ArrayList<>())
                            .add(i);
                }
            }
            for (Map.Entry<Kind, List<Integer>> kind : kinds.entrySet()) {
                calls.add(call(rows, number, kind.getKey(), kind.getValue(), places));
            }
        }
        return new PrefixSteps(
                TokenIds.of(places.keySet().stream().mapToInt(Integer::intValue).toArray()), calls);
    }

    private static Call call(
            List<Row> rows, int number, Kind kind, List<Integer> chosen, Map<Integer, Integer> places) {
        IntStream.Builder teacherRows = IntStream.builder();
        IntStream.Builder passedOn = IntStream.builder();
        for (int i : chosen) {
            PrefixRow.Step step = rows.get(i).prefix().steps().get(number);
            int row = rows.get(i).teacherRow() + step.teacherToken();
            teacherRows.add(places.computeIfAbsent(row, key -> places.size()));
            if (kind.passesOn()) {
                passedOn.add(number == 0 ? kind.table().indexOf(step.passedOn()) : step.passedOn());
            }
        }
        return new Call(
                number == 0,
                kind.table(),
                TokenIds.of(chosen.stream().mapToInt(Integer::intValue).toArray()),
                TokenIds.of(teacherRows.build().toArray()),
                TokenIds.of(passedOn.build().toArray()));
    }
}
