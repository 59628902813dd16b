// SPDX-License-Identifier: Apache-2.0
package reflux.generator.sampling;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import reflux.model.decoder.Decoder;
import reflux.model.decoder.Lora;
import reflux.model.engine.EngineThread;
import reflux.model.hf.LoraConfig;
import reflux.model.safetensors.TensorInfo;
import reflux.model.safetensors.TensorSource;

/** The live policy: the student's decoder and the version of its weights. Any thread may ask; the engine thread swaps. */
public final class PolicySlot {
    /** Weights by number and by who published them; the base weights are nobody's. */
    private record Live(String publisher, long version) {}

    private final EngineThread thread;
    private final Decoder decoder;
    private final Optional<BaseWeights> base;
    private final List<TensorInfo> layout;
    private final Set<String> superseded = ConcurrentHashMap.newKeySet();
    private volatile Live live = new Live("", 0);

    /**
     * Made on the engine thread with the base weights, which are version 0.
     *
     * @param base where they came from; without it no adapter is taken
     */
    PolicySlot(EngineThread thread, Decoder decoder, Optional<BaseWeights> base) {
        this.thread = thread;
        this.decoder = decoder;
        this.base = base;
        this.layout = List.copyOf(decoder.weights().infos());
    }

    /** Version of the weights that the next token is sampled with. */
    public long liveVersion() {
        return live.version();
    }

    /**
     * Weights of this version may be made live if they are newer, or another publisher's than the live ones, as a learner's
     * that goes on from a checkpoint are. A publisher that another one took over from may not come back.
     *
     * @throws StalePolicyException if they may not
     */
    public void requireTaken(String publisher, long version) {
        Live now = live;
        if (superseded.contains(publisher)) {
            throw new StalePolicyException(version, publisher, now.publisher());
        }
        if (publisher.equals(now.publisher()) && Long.compareUnsigned(version, now.version()) <= 0) {
            throw new StalePolicyException(version, now.version());
        }
    }

    /** Names, types and shapes of the weights. */
    public List<TensorInfo> layout() {
        return layout;
    }

    /**
     * Names, types and shapes of an adapter's tensors.
     *
     * @throws IllegalArgumentException if the student can have no such adapter
     */
    public List<TensorInfo> layout(LoraConfig adapter) {
        return Lora.layout(decoder.config(), adapter);
    }

    /** The weights that adapters are folded into. */
    public BaseWeights base() {
        return base.orElseThrow(() -> new IllegalStateException("the base weights are in no file"));
    }

    /**
     * Makes new weights live: read beside the live ones between decode steps, then changed over between two. Rollouts under way
     * go on with them and keep their key/value cache. If it fails, as for a version that {@link #requireTaken} refuses, the old
     * weights stay.
     *
     * @param publisher names one run of one learner
     * @param weights stay open until the future completes
     * @return microseconds that a decode step had to wait at most
     */
    public CompletableFuture<Long> swap(String publisher, long version, TensorSource weights) {
        return change(publisher, version).run(() -> decoder.next(weights));
    }

    /** The same with the base weights, into which an adapter is folded. */
    public CompletableFuture<Long> swap(String publisher, long version, LoraConfig adapter, TensorSource tensors) {
        AtomicReference<TensorSource> opened = new AtomicReference<>();
        return change(publisher, version)
                .run(() -> {
                    TensorSource weights = base().open();
                    opened.set(weights);
                    return Lora.next(decoder, weights, adapter, tensors);
                })
                .whenComplete((done, broken) -> {
                    TensorSource weights = opened.get();
                    if (weights != null) {
                        weights.close();
                    }
                });
    }

    private WeightSwap change(String publisher, long version) {
        return new WeightSwap(
                thread, decoder, () -> requireTaken(publisher, version), () -> become(new Live(publisher, version)));
    }

    private void become(Live now) {
        if (!live.publisher().isEmpty() && !live.publisher().equals(now.publisher())) {
            superseded.add(live.publisher());
        }
        live = now;
    }

    Decoder decoder() {
        return decoder;
    }
}
