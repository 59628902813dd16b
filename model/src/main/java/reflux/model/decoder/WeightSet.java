// SPDX-License-Identifier: Apache-2.0
package reflux.model.decoder;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import reflux.model.engine.DataType;
import reflux.model.engine.Scope;
import reflux.model.engine.Script;
import reflux.model.engine.Tensor;
import reflux.model.engine.TensorList;

/** All weights of a decoder as its script wants them, in memory of their own. */
final class WeightSet implements AutoCloseable {
    /** Whether there are gradients: of the adapter where there is one, else of all weights. */
    enum Use {
        FROZEN,
        TRAINABLE
    }

    /** Makes the tensors of a family by name. */
    interface Loader {
        Map<String, Tensor> load(Scope owner, Script script);

        /** An adapter beside them, to be trained in their place. */
        default Optional<Adapter> adapter(Scope owner) {
            return Optional.empty();
        }
    }

    private final Scope scope;
    private final Tensor none;
    private final TensorList arguments;
    private final Weights weights;
    private final Tensor head;
    private final Optional<Adapter> adapter;

    private WeightSet(
            Scope scope,
            Family family,
            Map<String, Tensor> tensors,
            Optional<Adapter> adapter,
            DataType type,
            Use use) {
        this.scope = scope;
        this.none = scope.empty(type, 0);
        this.adapter = adapter;
        List<Tensor> ordered = new ArrayList<>();
        for (String name : family.arguments()) {
            ordered.add(name.isEmpty() ? none : Objects.requireNonNull(tensors.get(name), name));
        }
        int n = ordered.size();
        ordered.addAll(adapter.map(present -> present.arguments(scope, n, none))
                .orElseGet(() -> Collections.nCopies(2 * n + 2, none)));
        ordered.add(none);
        this.arguments = scope.own(TensorList.of(ordered));
        List<Parameter> parameters = new ArrayList<>();
        if (use == Use.TRAINABLE) {
            Map<String, Tensor> trained = adapter.map(Adapter::tensors).orElse(tensors);
            trained.forEach((name, value) -> parameters.add(new Parameter(name, value, value.requireGradient())));
        }
        this.weights = new Weights(tensors, parameters);
        this.head = weights.get(family.head());
    }

    static WeightSet load(Scope parent, Family family, Script script, DataType type, Use use, Loader loader) {
        Scope scope = parent.child();
        try {
            return new WeightSet(scope, family, loader.load(scope, script), loader.adapter(scope), type, use);
        } catch (RuntimeException e) {
            scope.close();
            throw e;
        }
    }

    /** What the script wants, with keys [B] of what the adapters drop; they and the list are the pass's. */
    TensorList arguments(Scope pass, long[] dropoutKeys) {
        if (adapter.isEmpty() || adapter.get().config().dropout() == 0 || dropoutKeys.length == 0) {
            return arguments;
        }
        List<Tensor> ordered = new ArrayList<>();
        for (int i = 0; i < arguments.size() - 1; i++) {
            ordered.add(arguments.get(i));
        }
        ordered.add(pass.longs(dropoutKeys, dropoutKeys.length));
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
