// SPDX-License-Identifier: Apache-2.0
package reflux.learner.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.ToDoubleFunction;
import reflux.model.engine.DataType;
import reflux.model.engine.Engine;

/** What must hold for every objective that has no parameters of its own, in f64. Use on an engine thread. */
record ObjectiveCheck(Engine engine, Objective objective, boolean hasHiddenStates) {
    private static final double STEP = 1e-6;

    /** A student that can be moved. */
    record Point(ReplyStep.Models models, List<Reply> replies) {

        Point copy() {
            ReplyStep.Models same = new ReplyStep.Models(
                    copy(models.studentHead()),
                    models.teacherHead(),
                    models.studentEmbeddings(),
                    models.teacherEmbeddings());
            return new Point(
                    same,
                    replies.stream().map(each -> each.with(copy(each.states()))).toList());
        }

        private static double[][] copy(double[][] rows) {
            double[][] copy = new double[rows.length][];
            for (int i = 0; i < rows.length; i++) {
                copy[i] = rows[i].clone();
            }
            return copy;
        }
    }

    ReplyStep.Result run(Point point, int gap, List<List<Reply>> parts) {
        try (ReplyStep step = new ReplyStep(engine, DataType.F64, point.models(), hasHiddenStates);
                ObjectiveLoss loss = objective.open(step.site)) {
            return step.run(loss, gap, parts);
        }
    }

    ReplyStep.Result run(Point point) {
        return run(point, 0, List.of(point.replies()));
    }

    /** The loss is the oracle's, and the gradients of the student's rows and head are the oracle's finite differences. */
    void hasTheValueAndGradientsOf(ToDoubleFunction<Point> oracle, Point point, double tolerance) {
        ReplyStep.Result result = run(point);

        assertThat(result.terms().loss()).isCloseTo(oracle.applyAsDouble(point), within(tolerance));
        Point moved = point.copy();
        double[] head = differences(oracle, moved, moved.models().studentHead());
        assertThat(result.head()).containsExactly(head, within(tolerance));
        for (int i = 0; i < point.replies().size(); i++) {
            double[] rows = differences(oracle, moved, moved.replies().get(i).states());
            assertThat(result.rows()[i]).containsExactly(rows, within(tolerance));
        }
    }

    private static double[] differences(ToDoubleFunction<Point> oracle, Point moved, double[][] matrix) {
        int width = matrix[0].length;
        double[] slopes = new double[matrix.length * width];
        for (int i = 0; i < slopes.length; i++) {
            double[] row = matrix[i / width];
            double value = row[i % width];
            row[i % width] = value + STEP;
            double up = oracle.applyAsDouble(moved);
            row[i % width] = value - STEP;
            double down = oracle.applyAsDouble(moved);
            row[i % width] = value;
            slopes[i] = (up - down) / (2 * STEP);
        }
        return slopes;
    }

    /** However the replies are split, ordered or set apart by rows that nothing is said about. */
    void doesNotDependOnSplitsAndPadding(Point point) {
        ReplyStep.Result whole = run(point);
        List<List<Reply>> single = new ArrayList<>();
        point.replies().forEach(reply -> single.add(List.of(reply)));
        List<Reply> replies = point.replies();
        List<List<Reply>> halves = List.of(replies.subList(0, 2), replies.subList(2, replies.size()));

        same(run(point, 0, single), whole);
        same(run(point, 3, halves), whole);
        List<Reply> reversed = new ArrayList<>(replies);
        Collections.reverse(reversed);
        ReplyStep.Result turned = run(point, 1, List.of(reversed));
        assertThat(turned.terms().loss()).isCloseTo(whole.terms().loss(), within(1e-12));
        assertThat(turned.head()).containsExactly(whole.head(), within(1e-12));
    }

    private static void same(ReplyStep.Result actual, ReplyStep.Result expected) {
        assertThat(actual.terms().loss()).isCloseTo(expected.terms().loss(), within(1e-12));
        assertThat(actual.terms().values().keySet())
                .isEqualTo(expected.terms().values().keySet());
        expected.terms()
                .values()
                .forEach((name, value) -> assertThat(actual.terms().value(name)).isCloseTo(value, within(1e-12)));
        assertThat(actual.head()).containsExactly(expected.head(), within(1e-12));
        for (int i = 0; i < expected.rows().length; i++) {
            assertThat(actual.rows()[i]).containsExactly(expected.rows()[i], within(1e-12));
        }
    }
}
