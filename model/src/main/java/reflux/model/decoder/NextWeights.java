// SPDX-License-Identifier: Apache-2.0
package reflux.model.decoder;

import org.jspecify.annotations.Nullable;
import reflux.model.engine.Scope;

/**
 * Weights that are made ready beside a frozen decoder's live ones, piece by piece, so that it may decode between two pieces; then
 * {@link Decoder#swap(NextWeights)}. Needs memory for both sets. Confined to the decoder's engine thread.
 */
public final class NextWeights implements AutoCloseable {
    private final Scope scope;
    private final WeightSet.Making making;
    private final boolean withPackedHead;
    private @Nullable WeightSet whole;

    /**
     * @param scope of what is made
     * @param withPackedHead whether the set is to be one for decode steps
     */
    NextWeights(Scope scope, WeightSet.Making making, boolean withPackedHead) {
        this.scope = scope;
        this.making = making;
        this.withPackedHead = withPackedHead;
    }

    /** Does a piece more, which takes some milliseconds (the largest matrix: as long as a decode step); true when all is done. */
    public boolean read() {
        if (whole == null && making.next()) {
            WeightSet made = making.frozen();
            if (withPackedHead) {
                made.packHead();
            }
            whole = made;
        }
        return whole != null;
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
