// SPDX-License-Identifier: Apache-2.0
package reflux.model.decoder;

import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reflux.model.engine.Scope;
import reflux.model.engine.Tensor;

/**
 * Weights that are made ready beside a frozen decoder's live ones, piece by piece, so that it may decode between two pieces; then
 * {@link Decoder#swap(NextWeights)}. Needs memory for both sets. Confined to the decoder's engine thread.
 */
public final class NextWeights implements AutoCloseable {
    private final Scope scope;
    private final Scope sources;
    private final StoredWeights.Reading reading;
    private final Function<Map<String, Tensor>, WeightSet.Making> beginning;
    private final boolean withPackedHead;
    private WeightSet.@Nullable Making making;
    private @Nullable WeightSet whole;

    /**
     * @param scope of what is read
     * @param sources of what reading alone needs
     * @param beginning makes a set of the tensors, when all are read
     * @param withPackedHead whether the set is to be one for decode steps
     */
    NextWeights(
            Scope scope,
            Scope sources,
            StoredWeights.Reading reading,
            Function<Map<String, Tensor>, WeightSet.Making> beginning,
            boolean withPackedHead) {
        this.scope = scope;
        this.sources = sources;
        this.reading = reading;
        this.beginning = beginning;
        this.withPackedHead = withPackedHead;
    }

    /** Does a piece more, which takes some milliseconds (the largest matrix: as long as a decode step); true when all is done. */
    public boolean read() {
        if (whole != null) {
            return true;
        }
        WeightSet.Making begun = making;
        if (begun == null) {
            if (reading.next()) {
                sources.close();
                making = beginning.apply(reading.tensors());
            }
            return false;
        }
        if (!begun.next()) {
            return false;
        }
        WeightSet made = begun.frozen();
        if (withPackedHead) {
            made.packHead();
        }
        whole = made;
        return true;
    }

    /** The set, which is the caller's from now on. */
    WeightSet takeOut() {
        WeightSet made = whole;
        if (made == null) {
            throw new IllegalStateException("the weights are not whole yet");
        }
        return made;
    }

    /** Frees what was made; not to be called after {@link Decoder#swap(NextWeights)}. */
    @Override
    public void close() {
        scope.close();
    }
}
