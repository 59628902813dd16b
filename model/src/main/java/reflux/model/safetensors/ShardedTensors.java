// SPDX-License-Identifier: Apache-2.0
package reflux.model.safetensors;

import java.nio.file.Path;

/** The weights of a model directory: one file, or shards with an index. */
public final class ShardedTensors {
    private ShardedTensors() {}

    /** Opens model.safetensors, or else model.safetensors.index.json and its shards. */
    public static TensorSource open(Path modelDir) {
        throw new UnsupportedOperationException("not yet");
    }
}
