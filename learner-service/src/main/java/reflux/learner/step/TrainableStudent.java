// SPDX-License-Identifier: Apache-2.0
package reflux.learner.step;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import reflux.learner.publish.SnapshotMemory;
import reflux.learner.publish.WeightSnapshot;
import reflux.learner.sft.SavedModel;
import reflux.model.decoder.Decoder;
import reflux.model.decoder.Lora;
import reflux.model.decoder.Parameter;
import reflux.model.decoder.TokenBatch;
import reflux.model.decoder.TrainingPass;
import reflux.model.decoder.Weights;
import reflux.model.engine.DataType;
import reflux.model.engine.Engine;
import reflux.model.engine.Scope;
import reflux.model.engine.Tensor;
import reflux.model.hf.AdapterDirectory;
import reflux.model.hf.LoraConfig;
import reflux.model.hf.ModelDirectory;
import reflux.model.hf.WeightsFingerprint;
import reflux.model.safetensors.TensorInfo;
import reflux.model.safetensors.TensorSource;

/**
 * The student with what of it is trained: all weights, or an adapter beside frozen ones, which then is all that is published and
 * kept in checkpoints. Confined to its engine thread.
 */
public final class TrainableStudent implements AutoCloseable {
    /** An adapter beside the weights of a directory. */
    private record Adapted(LoraConfig config, AdapterDirectory.Base base, long seed) {}

    private final Engine engine;
    private final Decoder decoder;
    private final Optional<Adapted> adapted;
    private final boolean isRecomputing;
    private final SnapshotMemory snapshots = new SnapshotMemory();

    private TrainableStudent(Engine engine, Decoder decoder, Optional<Adapted> adapted, boolean isRecomputing) {
        this.engine = engine;
        this.decoder = decoder;
        this.adapted = adapted;
        this.isRecomputing = isRecomputing;
    }

    /**
     * A student all of whose weights are trained.
     *
     * @param isRecomputing whether passes keep layers' inputs only, and compute the layers again on the way back
     */
    public static TrainableStudent whole(Engine engine, ModelDirectory weights, boolean isRecomputing) {
        return new TrainableStudent(engine, Decoder.loadTrainable(engine, weights), Optional.empty(), isRecomputing);
    }

    /**
     * A student whose adapter is trained.
     *
     * @param stored the adapter to go on with, else a fresh one
     * @param seed of a fresh adapter and of all dropout
     * @throws IllegalArgumentException if the stored adapter is another base's or has another shape, or a target module is unknown
     */
    public static TrainableStudent adapted(
            Engine engine,
            ModelDirectory base,
            LoraConfig config,
            Optional<AdapterDirectory> stored,
            long seed,
            boolean isRecomputing) {
        AdapterDirectory.Base origin = new AdapterDirectory.Base(base.path().toString(), fingerprint(base));
        stored.ifPresent(adapter -> check(adapter, config, origin));
        Decoder decoder = stored.map(adapter -> Lora.resume(engine, base, adapter))
                .orElseGet(() -> Lora.fresh(engine, base, config, seed));
        Adapted adapted = new Adapted(config, origin, seed);
        return new TrainableStudent(engine, decoder, Optional.of(adapted), isRecomputing);
    }

    private static String fingerprint(ModelDirectory base) {
        try (TensorSource weights = base.openWeights()) {
            return WeightsFingerprint.of(weights);
        }
    }

    private static void check(AdapterDirectory stored, LoraConfig config, AdapterDirectory.Base base) {
        if (!stored.config().equals(config)) {
            throw new IllegalArgumentException("the adapter of " + stored.path() + " is " + stored.config()
                    + ", the configuration asks for " + config);
        }
        if (!stored.baseFingerprint().equals(base.fingerprint())) {
            throw new IllegalArgumentException("the adapter of " + stored.path() + " belongs to the weights of "
                    + stored.baseModel() + ", which are not those of " + base.name()
                    + "; set learner.student to the model that the run began with");
        }
    }

    public Decoder decoder() {
        return decoder;
    }

    /** Where losses add the head's gradient [V, d]; if the head is frozen, empty [0, d]. */
    Tensor headGradient() {
        return decoder.trainedHead().map(Parameter::gradient).orElseGet(() -> engine.scope()
                .zeros(DataType.F32, 0, decoder.head().size(1)));
    }

    /** A forward pass over a micro-batch of a step; the same step drops the same. */
    TrainingPass forward(Scope scope, TokenBatch inputs, int[] rows, long step) {
        long[] keys = adapted.filter(adapter -> adapter.config().dropout() > 0)
                .map(adapter -> DropoutKeys.of(adapter.seed(), step, inputs))
                .orElseGet(() -> new long[0]);
        return TrainingPass.forward(decoder, scope, inputs, rows, keys, isRecomputing);
    }

    /** What generators are sent, as it is now, copied to the host: all weights, or the adapter. Release it when it was sent. */
    public WeightSnapshot snapshot(long version) {
        Weights sent = Lora.adapter(decoder).orElseGet(decoder::weights);
        List<TensorInfo> infos = sent.infos();
        List<ByteBuffer> copies = snapshots.take(infos);
        for (int i = 0; i < infos.size(); i++) {
            copies.get(i).put(sent.bytes(infos.get(i).name())).flip();
        }
        return new WeightSnapshot(
                version,
                infos,
                copies,
                adapted.map(adapter -> new WeightSnapshot.AdapterOf(
                        adapter.config(), adapter.base().fingerprint())),
                () -> snapshots.giveBack(copies));
    }

    /** Writes what is trained into a checkpoint's directory: a model in Hugging Face's layout, or an adapter in PEFT's. */
    public void write(Path directory, ModelDirectory origin) {
        if (adapted.isPresent()) {
            Lora.write(decoder, directory, adapted.get().base());
            return;
        }
        Weights weights = decoder.weights();
        ModelDirectory.write(
                directory,
                decoder.config(),
                origin.generation(),
                weights.infos(),
                weights::bytes,
                origin.path(),
                DataType.F32);
    }

    /** Writes the student as one model in Hugging Face's layout, and its adapter, if any, into {@code adapter} beside it. */
    public void save(Path directory, ModelDirectory origin) {
        SavedModel.write(decoder, origin, directory, DataType.F32);
        adapted.ifPresent(adapter -> Lora.write(decoder, directory.resolveSibling("adapter"), adapter.base()));
    }

    @Override
    public void close() {
        decoder.close();
    }
}
