// SPDX-License-Identifier: Apache-2.0
package reflux.learner.objective;

import java.util.Random;
import reflux.model.decoder.Parameter;
import reflux.model.engine.DataType;
import reflux.model.engine.Engine;
import reflux.model.engine.Scope;
import reflux.model.engine.Tensor;

/**
 * A trained affine map: rows [N, I] times {@code weight} [I, O], plus {@code bias} [O].
 *
 * @param weight I rows of width O: the transpose of how files of linear layers store it
 */
record Affine(Parameter weight, Parameter bias) {

    /** A map whose numbers are uniform in ±1/√inputs, as frameworks begin linear layers. */
    static Affine uniform(
            Engine engine, Scope owner, String name, long inputs, long outputs, DataType type, Random random) {
        double bound = 1 / Math.sqrt(inputs);
        return new Affine(
                parameter(engine, owner, name + ".weight", type, bound, random, inputs, outputs),
                parameter(engine, owner, name + ".bias", type, bound, random, outputs));
    }

    private static Parameter parameter(
            Engine engine, Scope owner, String name, DataType type, double bound, Random random, long... shape) {
        int count = 1;
        for (long size : shape) {
            count = Math.multiplyExact(count, Math.toIntExact(size));
        }
        double[] values = random.doubles(count).map(x -> bound * (2 * x - 1)).toArray();
        try (Tensor made = owner.doubles(values, shape)) {
            return new Parameter(name, engine.convert(owner, made, type), owner.zeros(type, shape));
        }
    }
}
