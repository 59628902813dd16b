// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.compare;

import java.util.List;

/** Mean and sample standard deviation; the latter is 0 for a single value. */
record Spread(double mean, double deviation) {

    static Spread of(List<Double> values) {
        double mean = values.stream().mapToDouble(Double::doubleValue).average().orElse(Double.NaN);
        double squares =
                values.stream().mapToDouble(v -> (v - mean) * (v - mean)).sum();
        return new Spread(mean, values.size() < 2 ? 0 : Math.sqrt(squares / (values.size() - 1)));
    }
}
