// SPDX-License-Identifier: Apache-2.0
package reflux.model.hf;

import java.util.List;

/**
 * Sliding-window attention: in some layers a token attends to itself and to the {@code window - 1} tokens before it only.
 *
 * @param window 0 = no layer is local
 * @param layers ascending indices of the local layers
 */
public record LocalAttention(int window, List<Integer> layers) {
    /** Every layer attends to everything before. */
    public static final LocalAttention NONE = new LocalAttention(0, List.of());

    public LocalAttention {
        if (window < 0 || (window == 0) != layers.isEmpty()) {
            throw new IllegalArgumentException(
                    "sliding_window must be >= 1 where layers are local, was " + window + " for layers " + layers);
        }
        layers = List.copyOf(layers);
    }

    /** Whether a layer is local. */
    public boolean isLocal(int layer) {
        return layers.contains(layer);
    }
}
