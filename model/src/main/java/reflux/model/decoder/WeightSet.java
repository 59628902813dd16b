// SPDX-License-Identifier: Apache-2.0
package reflux.model.decoder;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import reflux.model.engine.DataType;
import reflux.model.engine.Engine;
import reflux.model.engine.Scope;
import reflux.model.engine.Script;
import reflux.model.engine.Tensor;
import reflux.model.engine.TensorList;
import reflux.model.safetensors.TensorInfo;

/** All weights of a decoder as its script wants them, in memory of their own. */
final class WeightSet implements AutoCloseable {
    /** Place of the LM head in every script's list. */
    private static final int HEAD = 2;
    /** That of the dropout keys, from the end. */
    private static final int KEYS_FROM_END = 4;

    /** Whether there are gradients: of the adapter where there is one, else of all weights. */
    enum Use {
        FROZEN,
        TRAINABLE
    }

    /** Tensors of a family that are made one after another. */
    interface Loading {
        /** Goes on a little; true when there is nothing left. */
        boolean next();

        /** Those that are whole by now, by name, which whoever asks may take out. */
        Map<String, Tensor> tensors();
    }

    /** Makes the tensors of a family. */
    interface Loader {
        /**
         * Makes none yet.
         *
         * @param owner of the tensors
         * @param sources of what is needed only until all are made
         */
        Loading begin(Scope owner, Scope sources, Script script);

        /** An adapter beside them, to be trained in their place. */
        default Optional<Adapter> adapter(Scope owner) {
            return Optional.empty();
        }
    }

    private final Scope scope;
    private final Script script;
    private final DataType type;
    private final Tensor none;
    private final Weights weights;
    private final Tensor head;
    private final Optional<Adapter> adapter;
    private final boolean isPacked;
    private TensorList arguments;
    private boolean isHeadPacked;

    private WeightSet(Making making, Optional<Adapter> adapter, Use use) {
        Map<String, Tensor> tensors = making.loading.tensors();
        Optional<PackedWeights> packed = making.packed;
        this.scope = making.scope;
        this.script = making.script;
        this.type = making.type;
        this.none = making.none;
        this.adapter = adapter;
        this.isPacked = packed.isPresent();
        this.arguments = scope.own(TensorList.of(arguments(making.family, tensors, packed)));
        List<Parameter> parameters = new ArrayList<>();
        if (use == Use.TRAINABLE) {
            Map<String, Tensor> trained = adapter.map(Adapter::tensors).orElse(tensors);
            trained.forEach((name, value) -> parameters.add(new Parameter(name, value, value.requireGradient())));
        }
        this.weights = new Weights(
                making.infos, tensors, parameters, name -> packed.flatMap(some -> some.unpacked(scope, name)));
        this.head = weights.get(making.family.head());
    }

    static WeightSet load(
            Engine engine, Scope parent, Family family, Script script, DataType type, Use use, Loader loader) {
        Scope scope = parent.child();
        try {
            Making making = new Making(engine, scope, family, script, type, use, loader);
            while (!making.next()) {
                continue;
            }
            return new WeightSet(making, loader.adapter(scope), use);
        } catch (RuntimeException e) {
            scope.close();
            throw e;
        }
    }

    /** A set in the making. What can be packed is packed as soon as it is read, so that plain and packed never lie there together. */
    static final class Making {
        private final Scope scope;
        private final Scope sources;
        private final Family family;
        private final Script script;
        private final DataType type;
        private final Loading loading;
        private final List<TensorInfo> infos;
        private final Tensor none;
        private final Optional<PackedWeights> packed;
        private boolean isLoaded;

        /** @param scope of the tensors, and of the set when it is made */
        Making(Engine engine, Scope scope, Family family, Script script, DataType type, Use use, Loader loader) {
            this.scope = scope;
            this.sources = scope.child();
            this.family = family;
            this.script = script;
            this.type = type;
            this.loading = loader.begin(scope, sources, script);
            this.infos = family.weights().stream()
                    .map(spec -> TensorInfo.of(spec.name(), type, spec.shape()))
                    .toList();
            this.none = scope.empty(type, 0);
            boolean isPacked = use == Use.FROZEN && PackedWeights.isPossible(engine, script, type);
            this.packed = isPacked
                    ? Optional.of(new PackedWeights(scope, family, script, loading.tensors(), none))
                    : Optional.empty();
        }

        /** Packs a group that is whole, or reads on; true when nothing is left to do. */
        boolean next() {
            boolean hasPacked = packed.map(PackedWeights::next).orElse(false);
            if (!hasPacked && !isLoaded) {
                isLoaded = loading.next();
                if (isLoaded) {
                    sources.close();
                }
                return false;
            }
            return !hasPacked;
        }

        /** The set, frozen, when nothing is left to do. */
        WeightSet frozen() {
            return new WeightSet(this, Optional.empty(), Use.FROZEN);
        }
    }

    private List<Tensor> arguments(Family family, Map<String, Tensor> tensors, Optional<PackedWeights> packed) {
        List<Tensor> ordered = new ArrayList<>();
        for (String name : family.arguments()) {
            Optional<Tensor> replaced = packed.flatMap(some -> some.argument(name));
            ordered.add(
                    name.isEmpty() ? none : replaced.orElseGet(() -> Objects.requireNonNull(tensors.get(name), name)));
        }
        int n = ordered.size();
        ordered.addAll(adapter.map(present -> present.arguments(scope, n, none))
                .orElseGet(() -> Collections.nCopies(2 * n + 2, none)));
        ordered.add(none);
        ordered.addAll(normScalars(family));
        return ordered;
    }

    /** Of the type that norms are computed in: a scalar of another would be converted at every use. */
    private List<Tensor> normScalars(Family family) {
        double epsilon = family.normEpsilon();
        double hidden = Math.sqrt(epsilon * family.config().hiddenSize());
        double head = Math.sqrt(epsilon * family.headSize());
        List<Tensor> scalars = new ArrayList<>();
        for (double value : new double[] {hidden, head, 0}) {
            scalars.add(
                    type == DataType.F64
                            ? scope.doubles(new double[] {value})
                            : scope.floats(new float[] {(float) value}));
        }
        return scalars;
    }

    /** Lets decoding steps read a packed copy of the head, where packing is possible. */
    void packHead() {
        if (isPacked && !isHeadPacked) {
            List<Tensor> ordered = all(arguments);
            ordered.set(HEAD, script.call(scope, "pack", List.of(head), false));
            arguments = scope.own(TensorList.of(ordered));
            isHeadPacked = true;
        }
    }

    boolean isHeadPacked() {
        return isHeadPacked;
    }

    private static List<Tensor> all(TensorList list) {
        List<Tensor> tensors = new ArrayList<>();
        for (int i = 0; i < list.size(); i++) {
            tensors.add(list.get(i));
        }
        return tensors;
    }

    /** What the script wants, with keys [B] of what the adapters drop; they and the list are the pass's. */
    TensorList arguments(Scope pass, long[] dropoutKeys) {
        if (adapter.isEmpty() || adapter.get().config().dropout() == 0 || dropoutKeys.length == 0) {
            return arguments;
        }
        List<Tensor> ordered = all(arguments);
        ordered.set(ordered.size() - KEYS_FROM_END, pass.longs(dropoutKeys, dropoutKeys.length));
        return pass.own(TensorList.of(ordered));
    }

    Optional<Adapter> adapter() {
        return adapter;
    }

    TensorList arguments() {
        return arguments;
    }

    Weights weights() {
        return weights;
    }

    Tensor head() {
        return head;
    }

    @Override
    public void close() {
        scope.close();
    }
}
