// SPDX-License-Identifier: Apache-2.0
package reflux.learner.objective;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;

/**
 * What a loss is differentiated by: the states of all replies under "rows", the student's head under "head", and the loss's own
 * parameters by their names.
 */
record Point(Map<String, double[]> numbers) {
    private static final double STEP = 1e-6;

    static Point of(ReplyStep step, List<Reply> replies, ObjectiveLoss loss) {
        Map<String, double[]> numbers = new TreeMap<>();
        numbers.put(
                "rows",
                replies.stream()
                        .flatMapToDouble(reply -> Arrays.stream(PlainMaths.flat(reply.states())))
                        .toArray());
        numbers.put("head", PlainMaths.flat(step.models.studentHead()));
        loss.parameters().forEach(own -> numbers.put(own.name(), own.value().doubles()));
        return new Point(numbers);
    }

    double[] get(String name) {
        return numbers.get(name);
    }

    double[][] head() {
        return PlainMaths.rows(get("head"), ReplyStep.STUDENT_WIDTH);
    }

    /** The states of each reply. */
    List<double[][]> states(List<Reply> replies) {
        double[][] all = PlainMaths.rows(get("rows"), ReplyStep.STUDENT_WIDTH);
        List<double[][]> states = new ArrayList<>();
        int start = 0;
        for (Reply reply : replies) {
            states.add(Arrays.copyOfRange(all, start, start + reply.tokens().length));
            start += reply.tokens().length;
        }
        return states;
    }

    /** Central differences of a function of this by each number of that name. */
    double[] slopes(String name, ToDoubleFunction<Point> function) {
        double[] slopes = new double[get(name).length];
        for (int i = 0; i < slopes.length; i++) {
            slopes[i] = (function.applyAsDouble(moved(name, i, STEP)) - function.applyAsDouble(moved(name, i, -STEP)))
                    / (2 * STEP);
        }
        return slopes;
    }

    Point moved(String name, int index, double by) {
        Map<String, double[]> copy = new TreeMap<>(numbers);
        double[] values = get(name).clone();
        values[index] += by;
        copy.put(name, values);
        return new Point(copy);
    }
}
