// SPDX-License-Identifier: Apache-2.0
package reflux.model.decoder;

import reflux.model.engine.Scope;
import reflux.model.engine.Tensor;

/**
 * Keys and values of up to {@code slots} sequences, in preallocated memory [2 x layers, slots, key-value heads, positions, head size],
 * of each layer keys and then values. Which slots are in use is the caller's business: a prefill overwrites its slots from position 0. Freed with
 * the scope that it was made in, or earlier by close.
 */
public final class KvCache implements AutoCloseable {
    private final Scope scope;
    private final Tensor array;
    private final int slots;
    private final int positions;

    KvCache(Scope scope, Tensor array, int slots, int positions) {
        this.scope = scope;
        this.array = array;
        this.slots = slots;
        this.positions = positions;
    }

    /** Sequences that have room at once. */
    public int slots() {
        return slots;
    }

    /** Tokens that one sequence may have, prompt included. */
    public int positions() {
        return positions;
    }

    Tensor array() {
        return array;
    }

    void checkSlots(int[] wanted) {
        boolean[] seen = new boolean[slots];
        for (int slot : wanted) {
            if (slot < 0 || slot >= slots || seen[slot]) {
                throw new IllegalArgumentException("slot " + slot + " of " + slots + " is out of range or given twice");
            }
            seen[slot] = true;
        }
    }

    void checkPosition(int position) {
        if (position < 0 || position >= positions) {
            throw new IllegalArgumentException("position must be in [0, " + positions + "), was " + position);
        }
    }

    @Override
    public void close() {
        scope.close();
    }
}
