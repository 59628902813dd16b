// SPDX-License-Identifier: Apache-2.0
package reflux.model.decoder;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import reflux.model.engine.DataType;
import reflux.model.engine.Scope;
import reflux.model.engine.Tensor;

/** Untrained weights, computed on the host so that a seed gives the same bits on every machine. */
final class StartingWeights implements WeightSet.Loading {
    private static final double DEVIATION = 0.02;

    private final Map<String, Tensor> tensors;

    StartingWeights(Scope owner, Family family, DataType type, long seed) {
        this.tensors = create(owner, family, type, seed);
    }

    @Override
    public boolean next() {
        return true;
    }

    @Override
    public Map<String, Tensor> tensors() {
        return tensors;
    }

    private static Map<String, Tensor> create(Scope owner, Family family, DataType type, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        double residual = DEVIATION / Math.sqrt(2.0 * family.config().layers());
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        for (WeightSpec spec : family.weights()) {
            double[] values = new double[spec.count()];
            switch (spec.start()) {
                case NORMAL -> fillNormal(values, DEVIATION, random.split());
                case RESIDUAL -> fillNormal(values, residual, random.split());
                case ONES -> Arrays.fill(values, 1);
                case ZEROS -> Arrays.fill(values, 0);
            }
            tensors.put(spec.name(), tensor(owner, type, values, spec));
        }
        return tensors;
    }

    private static Tensor tensor(Scope owner, DataType type, double[] values, WeightSpec spec) {
        if (type == DataType.F64) {
            return owner.doubles(values, spec.dimensions());
        }
        float[] narrow = new float[values.length];
        for (int i = 0; i < narrow.length; i++) {
            narrow[i] = (float) values[i];
        }
        return owner.floats(narrow, spec.dimensions());
    }

    /** Box and Muller's pairs: nextGaussian's algorithm may differ between JDKs. */
    private static void fillNormal(double[] values, double deviation, SplittableRandom random) {
        for (int i = 0; i < values.length; i += 2) {
            double radius = deviation * Math.sqrt(-2 * StrictMath.log(1 - random.nextDouble()));
            double angle = 2 * Math.PI * random.nextDouble();
            values[i] = radius * StrictMath.cos(angle);
            if (i + 1 < values.length) {
                values[i + 1] = radius * StrictMath.sin(angle);
            }
        }
    }
}
