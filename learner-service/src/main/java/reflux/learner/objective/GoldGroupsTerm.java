// SPDX-License-Identifier: Apache-2.0
package reflux.learner.objective;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import reflux.learner.align.FirstTokens;
import reflux.model.engine.Scope;
import reflux.model.engine.Script;
import reflux.model.engine.Tensor;

/**
 * GOLD (TRL): groups of tokens over the same bytes, each as one distribution over its last token times the probability of
 * those before, compared as sorted numbers or, hybrid, by the generalised JSD where both know the token.
 */
final class GoldGroupsTerm implements MeanTerm {
    private static final int CHUNK_ROWS = 512;

    private final LossSite site;
    private final Gold settings;
    private final SharedColumns columns;
    private final Script script;
    private final Scope scope;

    GoldGroupsTerm(LossSite site, Gold settings) {
        this.site = site;
        this.settings = settings;
        this.columns = new SharedColumns(site);
        this.script = Script.load(site.engine(), GoldGroupsTerm.class, "sorted_distance.py", "merged_groups.py");
        this.scope = site.engine().scope().child();
    }

    @Override
    public String name() {
        return "gold_groups";
    }

    @Override
    public Part prepare(LossBatch batch) {
        return new Groups(RealisedGroup.all(batch));
    }

    private final class Groups implements Part {
        private final List<RealisedGroup> groups;

        Groups(List<RealisedGroup> groups) {
            this.groups = groups;
        }

        @Override
        public long count() {
            return groups.size();
        }

        @Override
        public double evaluate(StudentPass student, LossBatch batch, double share) {
            Map<FirstTokens, List<RealisedGroup>> readings = groups.stream()
                    .collect(Collectors.groupingBy(RealisedGroup::lastTokens, LinkedHashMap::new, Collectors.toList()));
            double sum = 0;
            for (Map.Entry<FirstTokens, List<RealisedGroup>> reading : readings.entrySet()) {
                for (List<RealisedGroup> run : RealisedGroup.runs(reading.getValue(), CHUNK_ROWS)) {
                    sum += compare(student, batch, run, columns.of(reading.getKey()), share);
                }
            }
            return sum;
        }
    }

    private double compare(
            StudentPass student, LossBatch batch, List<RealisedGroup> run, SharedColumns.Columns shared, double share) {
        GroupSide own = GroupSide.student(run);
        GroupSide teacher = GroupSide.teacher(run);
        int[] rows = own.rows().toArray();
        double matched = settings.matchedWeight() < 0 ? shared.share() : settings.matchedWeight();
        try (Scope each = scope.child()) {
            List<Tensor> found = script.callAll(
                    each,
                    "gold_groups",
                    own.tensors(each, student.logits(each, rows)),
                    teacher.tensors(
                            each, batch.teacherLogits(site, each, teacher.rows().toArray())),
                    shared.tensors(),
                    settings.temperature(),
                    settings.beta(),
                    matched,
                    1 - matched,
                    settings.isHybrid(),
                    share);
            student.push(rows, found.get(1));
            return found.get(0).item();
        }
    }

    @Override
    public void close() {
        columns.close();
        scope.close();
        script.close();
    }
}
