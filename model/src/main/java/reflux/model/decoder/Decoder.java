// SPDX-License-Identifier: Apache-2.0
package reflux.model.decoder;

import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reflux.model.decoder.WeightSet.Loader;
import reflux.model.decoder.WeightSet.Use;
import reflux.model.engine.DataType;
import reflux.model.engine.Engine;
import reflux.model.engine.MatmulPrecision;
import reflux.model.engine.Scope;
import reflux.model.engine.Script;
import reflux.model.engine.Tensor;
import reflux.model.engine.TensorList;
import reflux.model.hf.DecoderConfig;
import reflux.model.hf.ModelDirectory;
import reflux.model.safetensors.TensorSource;

/**
 * A causal language model: token ids in, hidden states (after the final norm) and logits out. Shapes: B rows, T tokens, N selected
 * rows, D hidden, V vocabulary. Frozen in any real type, or trainable in f32, all of it or an adapter ({@link Lora}). Confined
 * to its engine thread.
 *
 * <p>On CPUs f32 passes without gradients use another kernel than training does, so the two may differ in the last bits.
 */
public final class Decoder implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Decoder.class);
    /** Kernels of linear maps, as decoder.py numbers them. */
    private static final int TORCH = 0;

    private static final int ONEDNN = 1;
    private static final int ROUNDED = 2;
    private static final int ROUNDED_IN_F32 = 3;
    /** Widening a bf16 matrix costs as much as torch's slow product with this many rows. */
    private static final int LEAST_ROWS_WIDENED = 3;

    private static final Set<DataType> REAL = Set.of(DataType.F64, DataType.F32, DataType.F16, DataType.BF16);

    private final Engine engine;
    private final Family family;
    private final DataType type;
    private final Scope scope;
    private final Script script;
    private final PositionTables tables;
    private WeightSet weights;

    private Decoder(Engine engine, Family family, DataType type, Scope scope, Script script, WeightSet weights) {
        this.engine = engine;
        this.family = family;
        this.type = type;
        this.scope = scope;
        this.script = script;
        this.weights = weights;
        this.tables = new PositionTables(scope, family, type);
    }

    /** A frozen model, converted to a real type. */
    public static Decoder load(Engine engine, ModelDirectory directory, DataType type) {
        return fromDirectory(engine, directory, type, Use.FROZEN);
    }

    /** A model in f32 with gradients. */
    public static Decoder loadTrainable(Engine engine, ModelDirectory directory) {
        return fromDirectory(engine, directory, DataType.F32, Use.TRAINABLE);
    }

    private static Decoder fromDirectory(Engine engine, ModelDirectory directory, DataType type, Use use) {
        Family family = Family.of(directory.config());
        try (TensorSource source = directory.openWeights()) {
            return create(engine, family, type, use, stored(family, source, type));
        }
    }

    /** A frozen model from any source of weights under Hugging Face's names. */
    public static Decoder load(Engine engine, DecoderConfig config, TensorSource source, DataType type) {
        Family family = Family.of(config);
        return create(engine, family, type, Use.FROZEN, stored(family, source, type));
    }

    private static Loader stored(Family family, TensorSource source, DataType type) {
        return (owner, sources, script) -> new StoredWeights(family, source).begin(owner, script, type);
    }

    /** An untrained, trainable model in f32: the same seed gives the same weights everywhere. */
    public static Decoder random(Engine engine, DecoderConfig config, long seed) {
        return random(engine, config, seed, DataType.F32);
    }

    static Decoder random(Engine engine, DecoderConfig config, long seed, DataType type) {
        Family family = Family.of(config);
        Loader loader = (owner, sources, script) -> new StartingWeights(owner, family, type, seed);
        return create(engine, family, type, Use.TRAINABLE, loader);
    }

    static Decoder create(Engine engine, Family family, DataType type, Use use, Loader loader) {
        if (!REAL.contains(type)) {
            throw new IllegalArgumentException("a decoder's type must be one of " + REAL + ", was " + type);
        }
        if (type == DataType.BF16 && !engine.multipliesBf16()) {
            log.warn("this CPU multiplies no bf16: weights are held in bf16 and multiplied in f32; dtype f32 is two to"
                    + " three times faster here for batches, and takes twice the memory");
        }
        Scope scope = engine.scope().child();
        Script script = Script.load(engine, Decoder.class, "decoder.py", family.script());
        try {
            WeightSet weights = WeightSet.load(engine, scope, family, script, type, use, loader);
            return new Decoder(engine, family, type, scope, script, weights);
        } catch (RuntimeException e) {
            scope.close();
            script.close();
            throw e;
        }
    }

    Engine engine() {
        return engine;
    }

    Family family() {
        return family;
    }

    Script script() {
        return script;
    }

    TensorList tables(int positions) {
        return tables.upTo(positions);
    }

    WeightSet weightSet() {
        return weights;
    }

    public DecoderConfig config() {
        return family.config();
    }

    /** Element type of the weights and of hidden states. */
    public DataType type() {
        return type;
    }

    /** [B, T, D] after the final norm, for use without a graph. Rows of padding are garbage, the others exact. */
    public Tensor hidden(Scope out, TokenBatch batch) {
        return hidden(out, batch, kernel((long) batch.rows() * batch.width()));
    }

    /** The same with a graph, when called inside {@link Engine#recording}. */
    public Tensor hiddenForTraining(Scope out, TokenBatch batch) {
        if (isFrozen()) {
            throw new IllegalStateException("this decoder is frozen");
        }
        return hidden(out, batch, trainingKernel());
    }

    private Tensor hidden(Scope out, TokenBatch batch, int kernel) {
        try (Scope inputs = scope.child()) {
            Tensor ids = ids(inputs, batch);
            return script.call(
                    out,
                    "hidden",
                    ids,
                    weights.arguments(),
                    tables.upTo(batch.width()),
                    family.sizes(),
                    family.normEpsilon(),
                    kernel);
        }
    }

    /** [N, D]: rows b * T + t of [B, T, D], with a graph if those have one and recording is on. */
    public Tensor rows(Scope out, Tensor hidden_BTD, int[] flatIndices) {
        try (Scope inputs = scope.child()) {
            return script.call(out, "rows", hidden_BTD, inputs.ints(flatIndices, flatIndices.length));
        }
    }

    /** [N, V] in f32 (f64 for an f64 decoder); with a graph if recording is on. */
    public Tensor logits(Scope out, Tensor rows_ND) {
        return script.call(out, "logits", rows_ND, weights.head(), kernel(rows_ND.size(0)));
    }

    /** The LM head [V, D], which is the embedding when they are tied. Belongs to this decoder, until a swap. */
    public Tensor head() {
        return weights.head();
    }

    /** The table of the input embeddings [V, D]. Belongs to this decoder, until a swap. */
    public Tensor embeddings() {
        return weights().get(family.embeddings());
    }

    /** The trainable parameter whose value is {@link #head()}. */
    public Parameter headParameter() {
        return trainedHead().orElseThrow(() -> new IllegalStateException("this decoder's head is frozen"));
    }

    /** The same; empty if the head is frozen, as all weights are when an adapter is trained. */
    public Optional<Parameter> trainedHead() {
        return weights().parameters().stream()
                .filter(parameter -> parameter.name().equals(family.head()))
                .findFirst();
    }

    /** Memory for that many sequences of that many tokens. */
    public KvCache cache(Scope owner, int slots, int positions) {
        if (positions > config().contextLength()) {
            throw new IllegalArgumentException(
                    "the model has " + config().contextLength() + " positions, wanted " + positions);
        }
        weights.packHead();
        Scope memory = owner.child();
        Tensor array =
                memory.zeros(type, 2L * config().layers(), slots, family.keyValueHeads(), positions, family.headSize());
        return new KvCache(memory, array, slots, positions);
    }

    /** Writes prompts into slots from position 0; logits [B, V] in f32 after each prompt's last token. */
    public Tensor prefill(Scope out, KvCache cache, int[] slots, TokenBatch prompts) {
        checkRows(prompts.rows(), slots);
        cache.checkSlots(slots);
        cache.checkPosition(prompts.width() - 1);
        int[] last = new int[slots.length];
        for (int row = 0; row < last.length; row++) {
            last[row] = row * prompts.width() + prompts.length(row) - 1;
        }
        try (Scope inputs = scope.child()) {
            return script.call(
                    out,
                    "prefill",
                    ids(inputs, prompts),
                    inputs.ints(slots, slots.length),
                    inputs.ints(last, last.length),
                    cache.array(),
                    weights.arguments(),
                    tables.upTo(prompts.width()),
                    family.sizes(),
                    family.normEpsilon(),
                    kernel((long) prompts.rows() * prompts.width()));
        }
    }

    /**
     * One token for each slot, each at its own position (the number of tokens that the slot holds already); logits [B, V] in f32.
     * Slots that are neighbours in ascending order cost no copy of the cache.
     */
    public Tensor step(Scope out, KvCache cache, int[] slots, int[] positions, int[] ids) {
        checkRows(ids.length, slots);
        checkRows(positions.length, slots);
        cache.checkSlots(slots);
        Arrays.stream(positions).forEach(cache::checkPosition);
        checkIds(ids);
        int rows = slots.length;
        int span = 1 + Arrays.stream(positions).max().orElse(0);
        try (Scope inputs = scope.child()) {
            return script.call(
                    out,
                    "step",
                    inputs.ints(ids, rows),
                    inputs.ints(slots, rows),
                    inputs.ints(positions, rows),
                    firstOfNeighbours(slots),
                    span,
                    cache.array(),
                    weights.arguments(),
                    tables.upTo(span),
                    family.sizes(),
                    family.normEpsilon(),
                    kernel(rows));
        }
    }

    private static int firstOfNeighbours(int[] slots) {
        for (int i = 1; i < slots.length; i++) {
            if (slots[i] != slots[0] + i) {
                return -1;
            }
        }
        return slots[0];
    }

    public Weights weights() {
        return weights.weights();
    }

    /**
     * Replaces all weights by ones of the same names and shapes, converted to {@link #type()}. Needs memory for both sets.
     *
     * @throws IllegalArgumentException naming what does not fit; the decoder is then as before
     */
    public void swap(TensorSource newWeights) {
        if (isFrozen()) {
            swap(stored(family, newWeights, type));
            return;
        }
        try (Scope staging = scope.child()) {
            new StoredWeights(family, newWeights)
                    .read(staging, script, type)
                    .forEach((name, from) -> engine.copy(from, weights().get(name)));
        }
    }

    /**
     * The same for a frozen decoder, begun: the source must stay open until all is read.
     *
     * @throws IllegalArgumentException naming what does not fit
     */
    public NextWeights next(TensorSource newWeights) {
        Set<String> lent = PackedWeights.names(engine, family, script, type);
        return next((owner, sources, unused) -> new StoredWeights(family, newWeights).begin(owner, script, type, lent));
    }

    NextWeights next(Loader loader) {
        if (!isFrozen()) {
            throw new IllegalStateException("this decoder is trained");
        }
        Scope staging = scope.child();
        try {
            WeightSet.Making making = new WeightSet.Making(engine, staging, family, script, type, Use.FROZEN, loader);
            return new NextWeights(staging, making, weights.isHeadPacked());
        } catch (RuntimeException e) {
            staging.close();
            throw e;
        }
    }

    /** Makes weights live that were read to their end; the caller does not close them then. */
    public void swap(NextWeights next) {
        become(next.takeOut());
    }

    private void become(WeightSet next) {
        weights.close();
        weights = next;
    }

    void swap(Loader loader) {
        WeightSet next = WeightSet.load(engine, scope, family, script, type, Use.FROZEN, loader);
        if (weights.isHeadPacked()) {
            next.packHead();
        }
        become(next);
    }

    boolean isFrozen() {
        return weights().parameters().isEmpty();
    }

    Tensor ids(Scope owner, TokenBatch batch) {
        if (batch.width() > config().contextLength()) {
            throw new IllegalArgumentException("the model has " + config().contextLength()
                    + " positions, a sequence has " + batch.width() + " tokens");
        }
        checkIds(batch.sharedIds());
        return owner.ints(batch.sharedIds(), batch.rows(), batch.width());
    }

    private void checkIds(int[] ids) {
        for (int id : ids) {
            if (id < 0 || id >= config().vocabularySize()) {
                throw new IllegalArgumentException(
                        "token id " + id + " is outside the vocabulary of " + config().vocabularySize());
            }
        }
    }

    private static void checkRows(int rows, int[] slots) {
        if (rows != slots.length || rows == 0) {
            throw new IllegalArgumentException(rows + " rows for " + slots.length + " slots");
        }
    }

    int trainingKernel() {
        if (type != DataType.F32 || engine.matmulPrecision() != MatmulPrecision.BF16_TRAINING) {
            return TORCH;
        }
        return engine.multipliesBf16() ? ROUNDED : ROUNDED_IN_F32;
    }

    /** oneDNN's linear is twice as fast in f32, and in bf16 for single rows; torch's knows every type, device and gradient. */
    private int kernel(long rows) {
        if (!engine.onCpu() || engine.isRecording()) {
            return TORCH;
        } else if (type == DataType.BF16 && !engine.multipliesBf16()) {
            return rows < LEAST_ROWS_WIDENED ? TORCH : ROUNDED_IN_F32;
        }
        return type == DataType.F32 || (type == DataType.BF16 && rows == 1) ? ONEDNN : TORCH;
    }

    @Override
    public void close() {
        scope.close();
        script.close();
    }
}
