// SPDX-License-Identifier: Apache-2.0
package reflux.learner.loss;

import java.util.List;
import reflux.learner.vectors.KdVector;
import reflux.model.engine.DataType;
import reflux.model.engine.Engine;
import reflux.model.engine.Scope;
import reflux.model.engine.Script;
import reflux.model.engine.Tensor;

/** The maths of a divergence, called on plain numbers. Close it on its engine thread. */
final class DivergenceMaths implements AutoCloseable {
    private final Scope scope;
    private final DataType type;
    private final Divergence divergence;
    private final Script script;

    /** Values [N] and gradients [N, V] for the student's logits. */
    record Result(double[] values, double[] gradients) {}

    DivergenceMaths(Engine engine, Divergence divergence, DataType type) {
        this.scope = engine.scope().child();
        this.type = type;
        this.divergence = divergence;
        this.script =
                Script.load(engine, DualSpaceLoss.class, "distribution.py", divergence.resource(), "divergence.py");
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
