// SPDX-License-Identifier: Apache-2.0
package reflux.model.decoder;

import reflux.model.engine.DataType;
import reflux.model.engine.Engine;
import reflux.model.engine.Scope;
import reflux.model.engine.Tensor;
import reflux.model.hf.DecoderConfig;
import reflux.model.hf.ModelDirectory;
import reflux.model.safetensors.TensorSource;

/** A causal language model. Confined to its engine thread. */
public final class Decoder implements AutoCloseable {
    private Decoder() {}

    public static Decoder load(Engine engine, ModelDirectory directory, DataType type) {
        throw new UnsupportedOperationException("not yet");
    }

    public static Decoder loadTrainable(Engine engine, ModelDirectory directory) {
        throw new UnsupportedOperationException("not yet");
    }

    public static Decoder random(Engine engine, DecoderConfig config, long seed) {
        throw new UnsupportedOperationException("not yet");
    }

    public DecoderConfig config() {
        throw new UnsupportedOperationException("not yet");
    }

    public DataType type() {
        throw new UnsupportedOperationException("not yet");
    }

    /** [B, T, D] after the final norm, without graph. */
    public Tensor hidden(Scope out, TokenBatch batch) {
        throw new UnsupportedOperationException("not yet");
    }

    /** The same with a graph; inside engine.recording. */
    public Tensor hiddenForTraining(Scope out, TokenBatch batch) {
        throw new UnsupportedOperationException("not yet");
    }

    /** [N, D] rows b * T + t of [B, T, D]. */
    public Tensor rows(Scope out, Tensor hidden_BTD, int[] flatIndices) {
        throw new UnsupportedOperationException("not yet");
    }

    /** [N, V] in f32. */
    public Tensor logits(Scope out, Tensor rows_ND) {
        throw new UnsupportedOperationException("not yet");
    }

    /** [V, D]; do not close. */
    public Tensor head() {
        throw new UnsupportedOperationException("not yet");
    }

    /** The trainable parameter whose value is {@link #head()}. */
    public Parameter headParameter() {
        throw new UnsupportedOperationException("not yet");
    }

    public KvCache cache(Scope owner, int slots, int positions) {
        throw new UnsupportedOperationException("not yet");
    }

    /** Logits [B, V] in f32 after each prompt's last token. */
    public Tensor prefill(Scope out, KvCache cache, int[] slots, TokenBatch prompts) {
        throw new UnsupportedOperationException("not yet");
    }

    /** One token for each slot at its own position; logits [B, V] in f32. */
    public Tensor step(Scope out, KvCache cache, int[] slots, int[] positions, int[] ids) {
        throw new UnsupportedOperationException("not yet");
    }

    public Weights weights() {
        throw new UnsupportedOperationException("not yet");
    }

    public void swap(TensorSource newWeights) {
        throw new UnsupportedOperationException("not yet");
    }

    @Override
    public void close() {}
}
