// SPDX-License-Identifier: Apache-2.0
package reflux.model.decoder;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import reflux.model.engine.Engine;
import reflux.model.engine.Scope;
import reflux.model.engine.Tensor;
import reflux.model.engine.TensorList;

/**
 * A forward pass that can be gone back once. Either it keeps what autograd wants of every layer; or it keeps only what goes into
 * each layer, [B, T, D], and computes each layer again on the way back (Chen et al. 2016, with a segment for each layer), which
 * takes a third more time. The gradients are the same.
 */
public final class TrainingPass {
    private final Decoder decoder;
    private final Engine engine;
    private final Scope scope;
    private final TokenBatch batch;
    private final int[] rows;
    private final TensorList arguments;
    private final List<Tensor> layerInputs = new ArrayList<>();
    private final Tensor rows_ND;
    private @Nullable Tensor last_BTD;

    private TrainingPass(
            Decoder decoder, Scope scope, TokenBatch batch, int[] rows, long[] dropoutKeys, boolean isRecomputing) {
        if (decoder.isFrozen()) {
            throw new IllegalStateException("this decoder is frozen");
        }
        this.decoder = decoder;
        this.engine = decoder.engine();
        this.scope = scope;
        this.batch = batch;
        this.rows = rows.clone();
        this.arguments = decoder.weightSet().arguments(scope, dropoutKeys);
        this.rows_ND = isRecomputing ? keepingInputs() : engine.recording(this::whole);
    }

    /**
     * Goes forward. Call outside of {@link Engine#recording}.
     *
     * @param scope of all memory of the pass; close it after {@link #backward}
     * @param rows which rows of the states are wanted: b * T + t of [B, T, D]
     * @param dropoutKeys one for each sequence, or none: an adapter then drops nothing. The same key drops the same
     * @param isRecomputing whether only layers' inputs are kept
     */
    public static TrainingPass forward(
            Decoder decoder, Scope scope, TokenBatch batch, int[] rows, long[] dropoutKeys, boolean isRecomputing) {
        return new TrainingPass(decoder, scope, batch, rows, dropoutKeys, isRecomputing);
    }

    /** [N, D]: the wanted rows, after the final norm. */
    public Tensor rows() {
        return rows_ND;
    }

    /** Adds the gradients of what is trained, given that of the rows, [N, D]. */
    public void backward(Tensor gradient_ND) {
        Tensor last = last_BTD;
        if (last == null) {
            engine.backward(rows_ND, gradient_ND);
            return;
        }
        last_BTD = null;
        Tensor gradient = lastNorm(last, gradient_ND);
        for (int layer = layerInputs.size() - 1; layer >= 0; layer--) {
            Tensor before = layer(layer, gradient);
            gradient.close();
            gradient = before;
        }
    }

    private Tensor whole() {
        Tensor hidden = call(
                scope,
                "hidden",
                decoder.ids(scope, batch),
                arguments,
                decoder.tables(batch.width()),
                decoder.family().sizes(),
                decoder.family().normEpsilon(),
                decoder.trainingKernel());
        return decoder.rows(scope, hidden, rows);
    }

    private Tensor keepingInputs() {
        Tensor x = call(scope, "start", decoder.ids(scope, batch), arguments);
        for (int layer = 0; layer < decoder.config().layers(); layer++) {
            layerInputs.add(x);
            x = layer(scope, x, layer);
        }
        last_BTD = x;
        return finish(scope, x);
    }

    private Tensor lastNorm(Tensor x, Tensor gradient_ND) {
        try (Scope segment = scope.child()) {
            Tensor gradient = x.requireGradient();
            engine.backward(engine.recording(() -> finish(segment, x)), gradient_ND);
            x.close();
            return gradient;
        }
    }

    /** Computes a layer again, and returns the gradient of what goes into it; of the first layer that of what comes out. */
    private Tensor layer(int layer, Tensor gradient_BTD) {
        try (Scope segment = scope.child()) {
            boolean isEmbeddingTrained = decoder.weightSet().adapter().isEmpty();
            Tensor x = layer == 0 && isEmbeddingTrained
                    ? engine.recording(() -> call(segment, "start", decoder.ids(segment, batch), arguments))
                    : layerInputs.get(layer);
            Tensor gradient = layer == 0 ? gradient_BTD : x.requireGradient();
            engine.backward(engine.recording(() -> layer(segment, x, layer)), gradient_BTD);
            layerInputs.get(layer).close();
            return gradient;
        }
    }

    private Tensor layer(Scope out, Tensor x, int layer) {
        return call(
                out,
                "layer",
                x,
                layer,
                arguments,
                decoder.tables(batch.width()),
                decoder.family().sizes(),
                decoder.family().normEpsilon(),
                decoder.trainingKernel());
    }

    private Tensor finish(Scope out, Tensor x) {
        Tensor normed = call(out, "last_norm", x, arguments, decoder.family().normEpsilon());
        return decoder.rows(out, normed, rows);
    }

    private Tensor call(Scope out, String method, Object... arguments) {
        return decoder.script().call(out, method, arguments);
    }
}
