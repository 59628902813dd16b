// SPDX-License-Identifier: Apache-2.0
package reflux.model.decoder;

import java.util.Map;
import reflux.model.engine.Scope;
import reflux.model.engine.Tensor;

/**
 * Weights that are made ready beside a frozen decoder's live ones, piece by piece, so that it may decode between two pieces; then
 * {@link Decoder#swap(NextWeights)}. Needs memory for both sets. Confined to the decoder's engine thread.
 */
public final class NextWeights implements AutoCloseable {
    private final Scope scope;
    private final StoredWeights.Reading reading;

    /** @param scope of what is read and of all that reading needs */
    NextWeights(Scope scope, StoredWeights.Reading reading) {
        this.scope = scope;
        this.reading = reading;
    }

    /** Reads some megabytes more, which takes some milliseconds; true when all are here. */
    public boolean read() {
        return reading.next();
    }

    /** All tensors by name, moved to their owner. */
    Map<String, Tensor> moveTo(Scope owner) {
        Map<String, Tensor> tensors = reading.tensors();
        tensors.values().forEach(owner::keep);
        return tensors;
    }

    /** Frees what was read and not made live. */
    @Override
    public void close() {
        scope.close();
    }
}
