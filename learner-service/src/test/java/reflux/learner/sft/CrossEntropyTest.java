// SPDX-License-Identifier: Apache-2.0
package reflux.learner.sft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Random;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;
import reflux.learner.vectors.KdVector;
import reflux.model.engine.DataType;
import reflux.model.engine.Engine;
import reflux.model.engine.EngineSettings;
import reflux.model.engine.EngineThread;
import reflux.model.engine.Scope;
import reflux.model.engine.Tensor;

class CrossEntropyTest {
    private static final int ROWS = 5;
    private static final int HIDDEN = 3;
    private static final int VOCABULARY = 7;
    private static final double SCALE = 0.3;

    /** With the identity as head, hidden states are logits. */
    @Test
    void vector_isMet() {
        KdVector vector = KdVector.of("ce");
        double[] logits = KdVector.numbers(vector.in("student_logits"));
        double[] labels = KdVector.numbers(vector.in("labels_shifted"));
        JsonNode expected = vector.out("masked_sum");
        double[] identity = new double[25];
        for (int i = 0; i < 5; i++) {
            identity[6 * i] = 1;
        }
        double[] rows = new double[25];
        int[] kept = new int[5];
        int n = 0;
        for (int i = 0; i < labels.length; i++) {
            if (labels[i] >= 0) {
                System.arraycopy(logits, 5 * i, rows, 5 * n, 5);
                kept[n++] = (int) labels[i];
            }
        }
        double sum = onEngine((engine, loss) -> loss.sum(
                engine.scope(),
                engine.scope().doubles(rows, 5, 5),
                engine.scope().doubles(identity, 5, 5),
                engine.scope().ints(kept, 5)));

        assertThat(sum).isCloseTo(expected.asDouble(), within(1e-9));
    }

    @Test
    void gradients_areTheFiniteDifferences() {
        Random random = new Random(11);
        double[] rows = random.doubles(ROWS * HIDDEN, -1, 1).toArray();
        double[] head = random.doubles(VOCABULARY * HIDDEN, -1, 1).toArray();
        int[] labels = random.ints(ROWS, 0, VOCABULARY).toArray();

        onEngine((engine, loss) -> {
            Scope scope = engine.scope();
            Tensor headGradient = scope.zeros(DataType.F64, VOCABULARY, HIDDEN);
            CrossEntropy.Loss value = loss.evaluate(
                    scope,
                    scope.doubles(rows, ROWS, HIDDEN),
                    scope.doubles(head, VOCABULARY, HIDDEN),
                    scope.ints(labels, ROWS),
                    SCALE,
                    headGradient);
            ToDoubleFunction<double[]> ofRows = x -> SCALE * sum(engine, loss, x, head, labels);
            ToDoubleFunction<double[]> ofHead = w -> SCALE * sum(engine, loss, rows, w, labels);

            assertThat(value.sum()).isCloseTo(sum(engine, loss, rows, head, labels), within(1e-12));
            assertThat(value.rowsGradient_ND().doubles()).containsExactly(differences(rows, ofRows), within(1e-8));
            assertThat(headGradient.doubles()).containsExactly(differences(head, ofHead), within(1e-8));
            return 0.0;
        });
    }

    private static double sum(Engine engine, CrossEntropy loss, double[] rows, double[] head, int[] labels) {
        try (Scope scope = engine.scope().child()) {
            return loss.sum(
                    scope,
                    scope.doubles(rows, ROWS, HIDDEN),
                    scope.doubles(head, VOCABULARY, HIDDEN),
                    scope.ints(labels, ROWS));
        }
    }

    private static double[] differences(double[] at, ToDoubleFunction<double[]> function) {
        double step = 1e-5;
        double[] slopes = new double[at.length];
        for (int i = 0; i < at.length; i++) {
            double[] up = at.clone();
            double[] down = at.clone();
            up[i] += step;
            down[i] -= step;
            slopes[i] = (function.applyAsDouble(up) - function.applyAsDouble(down)) / (2 * step);
        }
        return slopes;
    }

    /** In chunks of two rows, so that the borders are crossed. */
    private static double onEngine(Work work) {
        try (EngineThread thread = EngineThread.start(EngineSettings.cpu("cross-entropy", 1))) {
            return thread.call(engine -> {
                try (CrossEntropy loss = new CrossEntropy(engine, 2)) {
                    return work.run(engine, loss);
                }
            });
        }
    }

    private interface Work {
        double run(Engine engine, CrossEntropy loss);
    }
}
