// SPDX-License-Identifier: Apache-2.0
package reflux.model.decoder;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import reflux.model.engine.DataType;
import reflux.model.engine.Scope;
import reflux.model.engine.Script;
import reflux.model.engine.Tensor;
import reflux.model.engine.TensorList;

/** All weights of a decoder as its script wants them, in memory of their own. */
final class WeightSet implements AutoCloseable {
    /** Whether weights have gradients. */
    enum Use {
        FROZEN,
        TRAINABLE
    }

    /** Makes the tensors of a family by name. */
    interface Loader {
        Map<String, Tensor> load(Scope owner, Script script);
    }

    private final Scope scope;
    private final TensorList arguments;
    private final Weights weights;
    private final Tensor head;

    private WeightSet(Scope scope, Family family, Map<String, Tensor> tensors, DataType type, Use use) {
        Tensor none = scope.empty(type, 0);
        List<Tensor> ordered = family.arguments().stream()
                .map(name -> name.isEmpty() ? none : Objects.requireNonNull(tensors.get(name), name))
                .toList();
        List<Parameter> parameters = new ArrayList<>();
        if (use == Use.TRAINABLE) {
            tensors.forEach((name, value) -> parameters.add(new Parameter(name, value, value.requireGradient())));
        }
        this.scope = scope;
        this.arguments = scope.own(TensorList.of(ordered));
        this.weights = new Weights(tensors, parameters);
        this.head = weights.get(family.head());
    }

    static WeightSet load(Scope parent, Family family, Script script, DataType type, Use use, Loader loader) {
        Scope scope = parent.child();
        try {
            return new WeightSet(scope, family, loader.load(scope, script), type, use);
        } catch (RuntimeException e) {
            scope.close();
            throw e;
        }
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
