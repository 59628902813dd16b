// SPDX-License-Identifier: Apache-2.0
package reflux.generator.sampling;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import reflux.model.decoder.Decoder;
import reflux.model.engine.EngineThread;
import reflux.model.safetensors.TensorInfo;
import reflux.model.safetensors.TensorSource;

/** The live policy: the student's decoder and the version of its weights. Any thread may ask; the engine thread swaps. */
public final class PolicySlot {
    private final EngineThread thread;
    private final Decoder decoder;
    private final List<TensorInfo> layout;
    private volatile long liveVersion;

    /** Made on the engine thread with the base weights, which are version 0. */
    PolicySlot(EngineThread thread, Decoder decoder) {
        this.thread = thread;
        this.decoder = decoder;
        this.layout = List.copyOf(decoder.weights().infos());
    }

    /** Version of the weights that the next token is sampled with. */
    public long liveVersion() {
        return liveVersion;
    }

    /** Names, types and shapes of the weights. */
    public List<TensorInfo> layout() {
        return layout;
    }

    /**
     * Makes new weights live between two decode steps. Rollouts under way go on with them and keep their key/value cache.
     * If it fails, as for a version that is not newer, the old weights stay.
     *
     * @return microseconds that decoding stood still
     */
    public CompletableFuture<Long> swap(long version, TensorSource weights) {
        return thread.submit(engine -> {
            if (Long.compareUnsigned(version, liveVersion) <= 0) {
                throw new StalePolicyException(version, liveVersion);
            }
            long start = System.nanoTime();
            decoder.swap(weights);
            liveVersion = version;
            return (System.nanoTime() - start) / 1000;
        });
    }

    Decoder decoder() {
        return decoder;
    }
}
