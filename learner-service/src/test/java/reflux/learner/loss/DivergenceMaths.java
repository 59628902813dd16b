// SPDX-License-Identifier: Apache-2.0
package reflux.learner.loss;

import java.util.Arrays;
import java.util.List;
import reflux.learner.vectors.KdVector;
import reflux.model.engine.DataType;
import reflux.model.engine.Engine;
import reflux.model.engine.Scope;
import reflux.model.engine.Script;
import reflux.model.engine.Tensor;

/** The maths of a divergence, called on plain numbers. Close it on its engine thread. */
final class DivergenceMaths implements AutoCloseable {
    private final Engine engine;
    private final Scope scope;
    private final DataType type;
    private final Divergence divergence;
    private final Script script;

    /** Values [N] and gradients [N, V] for the student's logits. */
    record Result(double[] values, double[] gradients) {}

    DivergenceMaths(Engine engine, Divergence divergence, DataType type) {
        this.engine = engine;
        this.scope = engine.scope().child();
        this.type = type;
        this.divergence = divergence;
        this.script =
                Script.load(engine, DivergenceMaths.class, "distribution.py", divergence.resource(), "divergence.py");
    }

    Result compare(double[] student, double[] teacher, int width, double temperature) {
        List<double[]> found = script
                .callAll(
                        scope,
                        "compare",
                        KdVector.tensor(scope, type, student, student.length / width, width),
                        KdVector.tensor(scope, type, teacher, teacher.length / width, width),
                        temperature,
                        divergence.parameter())
                .stream()
                .map(Tensor::doubles)
                .toList();
        return new Result(found.get(0), found.get(1));
    }

    Result crossEntropy(double[] logits, int width, int[] ids) {
        List<double[]> found = script
                .callAll(
                        scope,
                        "cross_entropy",
                        KdVector.tensor(scope, type, logits, logits.length / width, width),
                        scope.ints(ids, ids.length))
                .stream()
                .map(Tensor::doubles)
                .toList();
        return new Result(found.get(0), found.get(1));
    }

    /** Values [N] and, by autograd, gradients [N, V] of the same divergence as it is defined, parameter and all. */
    Result defined(double[] student, double[] teacher, int width, double temperature) {
        String name = divergence.getClass().getSimpleName();
        try (Script definitions = Script.load(engine, DivergenceMaths.class, "definitions.py")) {
            Tensor leaf = KdVector.tensor(scope, type, student, student.length / width, width);
            Tensor gradient = leaf.requireGradient();
            Tensor values = engine.recording(() -> definitions.call(
                    scope,
                    "defined",
                    name,
                    leaf,
                    KdVector.tensor(scope, type, teacher, teacher.length / width, width),
                    temperature,
                    divergence.parameter()));
            double[] ones = new double[student.length / width];
            Arrays.fill(ones, 1);
            engine.backward(values, KdVector.tensor(scope, type, ones, ones.length));
            return new Result(values.doubles(), gradient.doubles());
        }
    }

    /** Gaps of head and tail [N, 2], of the adaptive KL alone. */
    double[] gaps(double[] student, double[] teacher, int width) {
        return script.call(
                        scope,
                        "gaps",
                        probabilities(student, width),
                        probabilities(teacher, width),
                        divergence.parameter())
                .doubles();
    }

    private Tensor probabilities(double[] logits, int width) {
        double[] values =
                Arrays.stream(logProbs(logits, width, 1)).map(Math::exp).toArray();
        return KdVector.tensor(scope, type, values, values.length / width, width);
    }

    double[] logProbs(double[] logits, int width, double temperature) {
        return script.call(
                        scope,
                        "log_probs",
                        KdVector.tensor(scope, type, logits, logits.length / width, width),
                        temperature)
                .doubles();
    }

    @Override
    public void close() {
        scope.close();
        script.close();
    }
}
