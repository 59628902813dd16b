// SPDX-License-Identifier: Apache-2.0
package reflux.learner.sft;

import java.util.List;
import org.jspecify.annotations.Nullable;
import reflux.model.engine.Engine;
import reflux.model.engine.Scope;
import reflux.model.engine.Script;
import reflux.model.engine.Tensor;

/**
 * Cross-entropy of labels under an LM head, −Σ log softmax(W h)[y], and its gradients in closed form (kd-spec appendix:
 * dz = softmax(z) − onehot(y)). Confined to the engine thread.
 */
final class CrossEntropy implements AutoCloseable {
    private static final int CHUNK_ROWS = 4096;

    private final Script script;
    private final int chunkRows;

    CrossEntropy(Engine engine) {
        this(engine, CHUNK_ROWS);
    }

    CrossEntropy(Engine engine, int chunkRows) {
        this.script = Script.load(engine, CrossEntropy.class, "cross_entropy.py");
        this.chunkRows = chunkRows;
    }

    /** The summed loss in nats and the gradient of {@code scale} times it for the rows [N, D]. */
    Loss evaluate(
            Scope out,
            Tensor rows_ND,
            Tensor head_VD,
            Tensor labels_N,
            double scale,
            @Nullable Tensor headGradient_VD) {
        List<Tensor> result =
                script.callAll(out, "cross_entropy", rows_ND, head_VD, labels_N, scale, chunkRows, headGradient_VD);
        return new Loss(result.get(0).item(), result.get(1));
    }

    double sum(Scope out, Tensor rows_ND, Tensor head_VD, Tensor labels_N) {
        return script.call(out, "cross_entropy_sum", rows_ND, head_VD, labels_N, chunkRows)
                .item();
    }

    @Override
    public void close() {
        script.close();
    }

    record Loss(double sum, Tensor rowsGradient_ND) {}
}
