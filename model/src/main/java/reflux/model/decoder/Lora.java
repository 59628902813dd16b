// SPDX-License-Identifier: Apache-2.0
package reflux.model.decoder;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import reflux.model.decoder.WeightSet.Loader;
import reflux.model.decoder.WeightSet.Use;
import reflux.model.engine.DataType;
import reflux.model.engine.Engine;
import reflux.model.engine.Scope;
import reflux.model.engine.Script;
import reflux.model.hf.AdapterDirectory;
import reflux.model.hf.DecoderConfig;
import reflux.model.hf.LoraConfig;
import reflux.model.hf.ModelDirectory;
import reflux.model.safetensors.TensorInfo;
import reflux.model.safetensors.TensorSource;

/**
 * Decoders with a LoRA adapter (Hu et al. 2021). While it is trained it lies beside frozen weights, y = x·W + scale·(x·A)·B;
 * elsewhere it is folded into a copy of them. Call on the engine thread.
 */
public final class Lora {
    /** Makes an adapter in memory that owner frees. */
    private interface Source {
        Adapter open(Scope owner);
    }

    private Lora() {}

    /**
     * A model in f32 with an adapter to be trained, which changes nothing yet; the same seed gives the same adapter everywhere.
     *
     * @throws IllegalArgumentException naming a target module that the model has not
     */
    public static Decoder fresh(Engine engine, ModelDirectory base, LoraConfig config, long seed) {
        Family family = Family.of(base.config());
        return trainable(
                engine, base, DataType.F32, owner -> Adapter.fresh(engine, owner, family, config, DataType.F32, seed));
    }

    /** The same with a stored adapter. */
    public static Decoder resume(Engine engine, ModelDirectory base, AdapterDirectory adapter) {
        Family family = Family.of(base.config());
        try (TensorSource tensors = adapter.openWeights()) {
            return trainable(
                    engine,
                    base,
                    DataType.F32,
                    owner -> Adapter.read(engine, owner, family, adapter.config(), tensors, DataType.F32));
        }
    }

    private static Decoder trainable(Engine engine, ModelDirectory base, DataType type, Source adapter) {
        try (TensorSource source = base.openWeights()) {
            return trainable(engine, base.config(), source, type, adapter);
        }
    }

    private static Decoder trainable(
            Engine engine, DecoderConfig config, TensorSource base, DataType type, Source adapter) {
        Family family = Family.of(config);
        Loader loader = new Loader() {
            @Override
            public WeightSet.Loading begin(Scope owner, Scope sources, Script script) {
                return new StoredWeights(family, base).begin(owner, script, type);
            }

            @Override
            public Optional<Adapter> adapter(Scope owner) {
                return Optional.of(adapter.open(owner));
            }
        };
        return Decoder.create(engine, family, type, Use.TRAINABLE, loader);
    }

    static Decoder fresh(
            Engine engine, DecoderConfig config, TensorSource base, LoraConfig lora, long seed, DataType type) {
        return trainable(
                engine, config, base, type, owner -> Adapter.fresh(engine, owner, Family.of(config), lora, type, seed));
    }

    /** A frozen model with an adapter folded in. */
    public static Decoder merged(
            Engine engine,
            DecoderConfig config,
            TensorSource base,
            LoraConfig lora,
            TensorSource adapter,
            DataType type) {
        Family family = Family.of(config);
        return Decoder.create(engine, family, type, Use.FROZEN, folding(engine, family, base, lora, adapter, type));
    }

    /**
     * Replaces the weights of a frozen decoder by a base's with an adapter folded in. Needs memory for both sets.
     *
     * @throws IllegalArgumentException naming what does not fit; the decoder is then as before
     */
    public static void swap(Decoder decoder, TensorSource base, LoraConfig lora, TensorSource adapter) {
        if (!decoder.isFrozen()) {
            throw new IllegalStateException("this decoder is trained");
        }
        decoder.swap(folding(decoder.engine(), decoder.family(), base, lora, adapter, decoder.type()));
    }

    /**
     * The same, begun: both sources must stay open until all is read.
     *
     * @throws IllegalArgumentException naming what does not fit
     */
    public static NextWeights next(Decoder decoder, TensorSource base, LoraConfig lora, TensorSource adapter) {
        return decoder.next(folding(decoder.engine(), decoder.family(), base, lora, adapter, decoder.type()));
    }

    private static Loader folding(
            Engine engine, Family family, TensorSource base, LoraConfig lora, TensorSource stored, DataType type) {
        return (owner, sources, script) -> {
            Adapter adapter = Adapter.read(engine, sources, family, lora, stored, mergeType(type));
            return new StoredWeights(family, base, Optional.of(adapter)).begin(owner, script, type);
        };
    }

    /** A sum in bf16 would lose most of an adapter. */
    private static DataType mergeType(DataType type) {
        return type == DataType.F64 ? DataType.F64 : DataType.F32;
    }

    /** Names and shapes of the tensors of an adapter, as PEFT has them; the types are F32. */
    public static List<TensorInfo> layout(DecoderConfig config, LoraConfig lora) {
        return Adapter.layout(Family.of(config), lora);
    }

    /** The adapter that a decoder trains. */
    public static Optional<Weights> adapter(Decoder decoder) {
        return decoder.weightSet().adapter().map(adapter -> new Weights(adapter.tensors(), List.of()));
    }

    /** Writes the adapter that a decoder trains in PEFT's layout. */
    public static void write(Decoder decoder, java.nio.file.Path directory, AdapterDirectory.Base base) {
        Adapter adapter = decoder.weightSet()
                .adapter()
                .orElseThrow(() -> new IllegalStateException("this decoder has no adapter"));
        Weights weights = new Weights(adapter.tensors(), List.of());
        Function<String, java.nio.ByteBuffer> bytes = weights::bytes;
        boolean isTransposed = decoder.family().isTransposed();
        AdapterDirectory.write(directory, adapter.config(), isTransposed, base, weights.infos(), bytes);
    }
}
