// SPDX-License-Identifier: Apache-2.0
package reflux.learner.objective;

import java.util.Map;
import java.util.TreeMap;

/** Named sums over the tokens of a micro-batch or, added up, of a step. Values are exact below 2^53 where they count. */
public record Tally(Map<String, Double> sums) {
    public static final Tally NONE = new Tally(Map.of());

    public Tally {
        sums = Map.copyOf(sums);
    }

    public static Tally of(String name, double sum) {
        return new Tally(Map.of(name, sum));
    }

    public Tally and(String name, double sum) {
        return plus(of(name, sum));
    }

    public Tally plus(Tally other) {
        Map<String, Double> both = new TreeMap<>(sums);
        other.sums.forEach((name, sum) -> both.merge(name, sum, Double::sum));
        return new Tally(both);
    }

    /** The sum of that name; 0 if nothing was added. */
    public double get(String name) {
        return sums.getOrDefault(name, 0.0);
    }

    /** The sum as a count. */
    public long count(String name) {
        return Math.round(get(name));
    }

    /** {@code weight} over the sum of that name; 0 where that is 0: what one token of a mean weighs. */
    public double share(double weight, String name) {
        double sum = get(name);
        return sum == 0 ? 0 : weight / sum;
    }
}
